"""Whether callers may read the schema: what ``GRAPHQL_INTROSPECTION`` says, else what DEBUG does."""

from django.conf import settings

from django_attribution.conf import attribution_settings


def may_introspect() -> bool:
    """Tell whether ``__schema`` and ``__type`` are answered, names are suggested, and GraphiQL is shown."""
    chosen = attribution_settings.GRAPHQL_INTROSPECTION
    return settings.DEBUG if chosen is None else chosen
