// No conversion matches: what may be in the way, and a button for each way out.

import type { ViewProps } from "./navigation";
import { Empty } from "./panel";
import { NO_FILTERS, keepsPart } from "./question";

export function NothingMatches({ question, change }: Pick<ViewProps, "question" | "change">) {
  const { events, currencies, statuses } = question;
  const isFiltered =
    keepsPart(question) ||
    events.length + currencies.length > 0 ||
    statuses.join() !== NO_FILTERS.statuses.join();
  const hasDates = Boolean(question.from || question.to);
  const ways = [hasDates && "widen the dates", isFiltered && "clear the filters"].filter(Boolean).join(" or ");
  return (
    <Empty>
      <p>No conversions match. {ways ? `To see some, ${ways}.` : "They appear here once the site has confirmed one."}</p>
      {hasDates && (
        <button type="button" class="button" onClick={() => change({ from: "", to: "" })}>
          Ask for all dates
        </button>
      )}
      {isFiltered && (
        <button type="button" class="button" onClick={() => change(NO_FILTERS)}>
          Clear the filters
        </button>
      )}
    </Empty>
  );
}
