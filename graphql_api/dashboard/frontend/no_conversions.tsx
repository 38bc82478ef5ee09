// What to do with a dashboard before anything was recorded.

const EXAMPLE = `from django_attribution.shortcuts import record_conversion

def place_order(request):
    ...
    record_conversion(request, "purchase", value=order.total, currency="EUR")`;

export function NoConversions() {
  return (
    <section class="panel guide" aria-labelledby="no-conversions">
      <h2 id="no-conversions">No conversions yet</h2>
      <p>
        Nothing has been recorded so far. Record a conversion where something valuable happens, in a view of
        your site, then reload this page:
      </p>
      <pre tabIndex={0}>
        <code>{EXAMPLE}</code>
      </pre>
      <p class="muted">
        Front ends record them with the GraphQL mutation <code>recordConversion</code>, once their event is named in{" "}
        <code>CLIENT_EVENTS</code>. Visits count when they come with UTM parameters or a click id.
      </p>
      <a class="button" href={location.pathname}>
        Reload
      </a>
    </section>
  );
}
