// No conversion matches: what may be in the way, and a button for each way out.

import type { ViewProps } from "../dashboard";
import { Empty } from "../panel";
import { firstQuestion } from "../question";

const NO_FILTERS = {
  events: [],
  currencies: [],
  channels: [],
  sources: [],
  campaigns: [],
  statuses: firstQuestion().statuses,
};

export function Nothing({ question, change }: Pick<ViewProps, "question" | "change">) {
  const { events, currencies, channels, sources, campaigns, statuses } = question;
  const isFiltered =
    [events, currencies, channels, sources, campaigns].some((chosen) => chosen.length) ||
    statuses.join() !== NO_FILTERS.statuses.join();
  const hasDates = Boolean(question.from || question.to);
  return (
    <Empty>
      <p>
        {hasDates || isFiltered
          ? "No conversions match. Widen the dates or clear filters."
          : "No conversions yet. They appear here as soon as the site records one."}
      </p>
      {hasDates && (
        <button type="button" class="button" onClick={() => change({ from: "", to: "" })}>
          All dates
        </button>
      )}
      {isFiltered && (
        <button type="button" class="button" onClick={() => change(NO_FILTERS)}>
          Clear filters
        </button>
      )}
    </Empty>
  );
}
