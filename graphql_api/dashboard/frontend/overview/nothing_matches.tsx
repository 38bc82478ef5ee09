// What to do where no conversion matches what is asked.

import type { Change } from "../navigation";
import { Empty } from "../panel";
import { NO_FILTERS } from "../question";

export function NothingMatches({ change }: { change: Change }) {
  return (
    <section class="panel" aria-label="Nothing matches">
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
