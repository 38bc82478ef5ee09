// What to do where no conversion matches what is asked.

import type { Change } from "../navigation";
import { Empty } from "../panel";
import { NO_FILTERS } from "../question";

interface NothingMatchesProps {
  change: Change;
  /** Whether another answer is on its way. */
  isLoading: boolean;
}

export function NothingMatches({ change, isLoading }: NothingMatchesProps) {
  return (
    <section class={isLoading ? "panel is-stale" : "panel"} aria-label="Nothing matches" aria-busy={isLoading}>
      <Empty>
        <p>Nothing matches: no conversion in this period meets every filter.</p>
        <button type="button" class="button" onClick={() => change(NO_FILTERS)}>
          Clear the filters
        </button>
        <button type="button" class="button" onClick={() => change({ from: "", to: "" })}>
          Ask for all data
        </button>
      </Empty>
    </section>
  );
}
