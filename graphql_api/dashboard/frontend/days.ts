// Days of the calendar in a time zone, and the instants at which they begin.

/** A day of the calendar, such as 2026-05-31. */
export type Day = string;

const HOUR = 3_600_000; // milliseconds

/** The calendar day that an instant falls on. */
export function dayOf(instant: Date, timeZone: string): Day {
  const parts = formatIn(timeZone).formatToParts(instant);
  const part = (type: Intl.DateTimeFormatPartTypes) => parts.find((found) => found.type === type)!.value;
  return `${part("year")}-${part("month")}-${part("day")}`;
}

/** Formats cost far more to make than to use. */
const formats = new Map<string, Intl.DateTimeFormat>();

function formatIn(timeZone: string): Intl.DateTimeFormat {
  let format = formats.get(timeZone);
  if (!format) {
    format = new Intl.DateTimeFormat("en-US", { timeZone, year: "numeric", month: "2-digit", day: "2-digit" });
    formats.set(timeZone, format);
  }
  return format;
}

export function today(timeZone: string): Day {
  return dayOf(new Date(), timeZone);
}

/** The day so many days after another one; before it for a negative number. */
export function daysAfter(day: Day, days: number): Day {
  const moved = new Date(`${day}T00:00:00Z`);
  moved.setUTCDate(moved.getUTCDate() + days);
  return moved.toISOString().slice(0, 10);
}

/** Whether a text is a day of the calendar, and one of an age that keeps the Web's statistics. */
export function isDay(text: string): text is Day {
  if (!/^(19[7-9]|20\d|21\d)\d-\d{2}-\d{2}$/.test(text)) {
    return false;
  }
  const midnight = new Date(`${text}T00:00:00Z`); // some browsers take February 30 for March 2
  return !Number.isNaN(midnight.getTime()) && midnight.toISOString().startsWith(text);
}

/** How many days there are from one to another, both included. */
export function span(from: Day, to: Day): number {
  return Math.round((Date.parse(to) - Date.parse(from)) / (24 * HOUR)) + 1;
}

/**
 * The first instant of a day in a time zone.
 *
 * Not always midnight: where clocks jump at midnight the day begins at one, and a day that an island left out when it
 * changed sides of the date line begins, and ends, with the next one. Hours around UTC's midnight are tried, and the
 * first quarter of an hour that is not before the day is it; no zone in use changes by less.
 */
export function startOf(day: Day, timeZone: string): Date {
  const midnight = Date.parse(`${day}T00:00:00Z`);
  for (let instant = midnight - 14 * HOUR; instant <= midnight + 14 * HOUR; instant += HOUR / 4) {
    if (dayOf(new Date(instant), timeZone) >= day) {
      return new Date(instant);
    }
  }
  throw new RangeError(`${timeZone} has no ${day}.`); // no zone is further than fourteen hours from UTC
}
