// How far credit looks back: in general, for single sources, and whether direct visits take part.

import type { ViewProps } from "../navigation";
import { DaysField } from "./days_field";
import { Dropdown } from "./dropdown";
import { SourceWindows } from "./source_windows";

export function Windows({ question, options, change }: ViewProps) {
  const { windowDays, sourceWindows, excludeDirect } = question;
  const [first] = sourceWindows;
  const summary =
    sourceWindows.length > 1 ? `${sourceWindows.length} sources` : first ? `${first.source}: ${first.days}` : "None";
  return (
    <div class="filter-group" role="group" aria-label="Look-back windows">
      <DaysField name="Window, days" days={windowDays} choose={(windowDays) => change({ windowDays })} />
      <Dropdown name="Windows by source" summary={summary} isActive={sourceWindows.length > 0}>
        <SourceWindows
          windows={sourceWindows}
          offered={options.sources}
          choose={(sourceWindows) => change({ sourceWindows })}
        />
      </Dropdown>
      <div class="field">
        <span class="field-name" aria-hidden="true">
          Direct visits
        </span>
        <label class="tick">
          <input
            type="checkbox"
            checked={excludeDirect}
            onChange={({ currentTarget }) => change({ excludeDirect: currentTarget.checked })}
          />
          Leave out<span class="visually-hidden"> direct visits before credit is given</span>
        </label>
      </div>
    </div>
  );
}
