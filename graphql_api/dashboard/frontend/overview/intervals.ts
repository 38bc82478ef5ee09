// The days, weeks or months that a span of days is made of.

import { dayOf, daysAfter, span, today, type Day } from "../days";
import * as format from "../format";
import type { ReportInterval } from "../graphql/graphql";
import type { Options } from "../options";
import { INTERVALS, type Question } from "../question";

const MOST_DAYS = 45; // shown one by one
const MOST_WEEKS = 26;
const MOST_BARS = 400; // that somebody may ask for; more are no longer seen
const DAYS_OF: Record<ReportInterval, number> = { DAY: 1, WEEK: 7, MONTH: 28 };

interface TimeAxis {
  interval: ReportInterval;
  /** Intervals that make no more bars than can be seen. */
  possible: ReportInterval[];
  /** The first day of each interval, in order. */
  starts: Day[];
  labels: string[];
}

/** The axis for what is asked. Where no day is named, it ends where data does. */
export function timeAxis(question: Question, options: Options | null): TimeAxis {
  const { timeZone } = question;
  const edge = (instant: string | null | undefined) => (instant ? dayOf(new Date(instant), timeZone) : today(timeZone));
  let to = question.to || edge(options?.lastConversionAt);
  const from = question.from || [edge(options?.firstConversionAt), to].sort()[0]!;
  to = to < from ? from : to;
  const days = span(from, to);
  const possible = INTERVALS.filter(
    (interval) => interval === "MONTH" || days / DAYS_OF[interval] <= MOST_BARS,
  );
  const fitting = days <= MOST_DAYS ? "DAY" : days <= MOST_WEEKS * 7 ? "WEEK" : "MONTH";
  const interval = possible.find((known) => known === question.interval) ?? fitting;
  const starts = startsBetween(from, to, interval);
  const withYear = from.slice(0, 4) !== to.slice(0, 4);
  const write = (day: Day) => (interval === "MONTH" ? format.month(day) : format.day(day, { withYear }));
  return { interval, possible, starts, labels: starts.map(write) };
}

function startsBetween(from: Day, to: Day, interval: ReportInterval): Day[] {
  const starts: Day[] = [];
  for (let day = firstDay(from, interval); day <= to; day = next(day, interval)) {
    starts.push(day);
  }
  return starts;
}

/** Of the interval that a day belongs to; weeks begin on Monday. */
function firstDay(day: Day, interval: ReportInterval): Day {
  switch (interval) {
    case "DAY":
      return day;
    case "WEEK":
      return daysAfter(day, -((new Date(day).getUTCDay() + 6) % 7));
    case "MONTH":
      return `${day.slice(0, 8)}01`;
  }
}

function next(start: Day, interval: ReportInterval): Day {
  return interval === "MONTH" ? firstDay(daysAfter(start, 31), "MONTH") : daysAfter(start, DAYS_OF[interval]);
}
