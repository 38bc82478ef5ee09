// Which days are asked about, and in which time zone they begin.

import { useId, useMemo } from "preact/hooks";

import { dayOf, isDay, type Day } from "../days";
import type { Change } from "../navigation";
import type { Options } from "../options";
import type { Question } from "../question";
import { useDraft } from "./draft";
import { presets } from "./presets";

const OWN = "Other days";

interface DatesProps {
  question: Question;
  options: Options | null;
  change: Change;
}

export function Dates({ question, options, change }: DatesProps) {
  const { from, to, timeZone } = question;
  const known = presets(timeZone);
  const current = known.find((preset) => preset.from === from && preset.to === to)?.name ?? OWN;
  const edge = (instant: string | null | undefined) => (instant ? dayOf(new Date(instant), timeZone) : "");
  return (
    <div class="filter-group" role="group" aria-label="Dates">
      <label class="field">
        <span class="field-name">Period</span>
        <select
          value={current}
          onChange={({ currentTarget }) => {
            const chosen = known.find(({ name }) => name === currentTarget.value);
            if (chosen) {
              change({ from: chosen.from, to: chosen.to });
            }
          }}
        >
          {known.map(({ name }) => (
            <option key={name}>{name}</option>
          ))}
          {current === OWN && <option>{OWN}</option>}
        </select>
      </label>
      <DayField
        name="From"
        day={from || edge(options?.firstConversionAt)}
        choose={(day) => change({ from: day, ...(to && day > to && { to: day }) })}
      />
      <DayField
        name="To"
        day={to || edge(options?.lastConversionAt)}
        choose={(day) => change({ to: day, ...(from && day < from && { from: day }) })}
      />
      <TimeZone timeZone={timeZone} choose={(timeZone) => change({ timeZone })} />
    </div>
  );
}

function DayField({ name, day, choose }: { name: string; day: Day | ""; choose: (day: Day) => void }) {
  const id = useId();
  const draft = useDraft(day, isDay, choose);
  return (
    <div class="field">
      <label class="field-name" for={id}>
        {name}
      </label>
      <input id={id} type="date" min="1970-01-01" max="2199-12-31" value={draft.text} {...draft.handlers} />
    </div>
  );
}

function TimeZone({ timeZone, choose }: { timeZone: string; choose: (timeZone: string) => void }) {
  const zones = useMemo(
    () => [...new Set(["UTC", timeZone, ...Intl.supportedValuesOf("timeZone")])].sort(),
    [timeZone],
  );
  return (
    <label class="field">
      <span class="field-name">Time zone</span>
      <select value={timeZone} onChange={({ currentTarget }) => choose(currentTarget.value)}>
        {zones.map((zone) => (
          <option key={zone}>{zone}</option>
        ))}
      </select>
    </label>
  );
}
