// Spans of days that people ask for again and again.

import { daysAfter, today, type Day } from "../days";

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
    { name: "Last 7 days", from: daysAfter(to, -6), to },
    { name: "Last 30 days", from: daysAfter(to, -29), to },
    { name: "Last 90 days", from: daysAfter(to, -89), to },
    { name: "This month", from: thisMonth, to },
    { name: "Last month", from: `${endOfLastMonth.slice(0, 8)}01`, to: endOfLastMonth },
    { name: "All data", from: "", to: "" },
  ];
}
