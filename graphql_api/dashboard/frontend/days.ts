// Days of the calendar in a time zone, and the instants at which they begin.

/** A day of the calendar, such as 2026-05-31. */
export type Day = string;

const HOUR = 3_600_000; // milliseconds

/** The calendar day that an instant falls on. */
export function dayOf(instant: Date, timeZone: string): Day {
  const parts = new Intl.DateTimeFormat("en-US", {
    timeZone,
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
  }).formatToParts(instant);
  const part = (type: Intl.DateTimeFormatPartTypes) => parts.find((found) => found.type === type)!.value;
  return `${part("year")}-${part("month")}-${part("day")}`;
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

export function isDay(text: string): text is Day {
  return /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(Date.parse(`${text}T00:00:00Z`));
}

/**
 * The first instant of a day in a time zone.
 *
 * Not always midnight: where clocks jump at midnight the day begins at one. Hours around UTC's midnight are tried,
 * and the first quarter of an hour that falls on the day is it; no zone in use changes by less.
 */
export function startOf(day: Day, timeZone: string): Date {
  const midnight = Date.parse(`${day}T00:00:00Z`);
  for (let instant = midnight - 14 * HOUR; instant <= midnight + 14 * HOUR; instant += HOUR / 4) {
    if (dayOf(new Date(instant), timeZone) === day) {
      return new Date(instant);
    }
  }
  return new Date(midnight); // a day that the zone left out, as islands do that change sides of the date line
}
