// Spans of days that people ask for again and again.

import { daysAfter, today, type Day } from "../days";
import { day } from "../format";
import { FIRST_SPAN, type Question } from "../question";

interface Preset {
  name: string;
  /** Empty for no bound. */
  from: Day | "";
  to: Day | "";
}

/** The name of the days that a question asks about; themselves where they have none. */
export function periodOf({ from, to, timeZone }: Question): string {
  const known = presets(timeZone).find((preset) => preset.from === from && preset.to === to);
  return known?.name ?? [from, to].map((edge) => edge && day(edge, { withYear: true })).join(" – ").trim();
}

export function presets(timeZone: string): Preset[] {
  const to = today(timeZone);
  const thisMonth = `${to.slice(0, 8)}01`;
  const endOfLastMonth = daysAfter(thisMonth, -1);
  return [
    ...[7, FIRST_SPAN, 90].map((days) => ({ name: `Last ${days} days`, from: daysAfter(to, 1 - days), to })),
    { name: "This month", from: thisMonth, to },
    { name: "Last month", from: `${endOfLastMonth.slice(0, 8)}01`, to: endOfLastMonth },
    { name: "All data", from: "", to: "" },
  ];
}
