// Spans of days that people ask for again and again.

import { daysAfter, today, type Day } from "../days";
import { FIRST_SPAN } from "../question";

export interface Preset {
  name: string;
  /** Empty for no bound. */
  from: Day | "";
  to: Day | "";
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
