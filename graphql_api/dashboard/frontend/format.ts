// Numbers, money, days and names as people read them, in the language and the habits of their browser.

import type { AttributionDimension, CreditKind, ConversionStatus } from "./graphql/graphql";

const LOCALE = undefined; // the browser's own

/** Money out of a decimal text, with every digit of it. */
export function money(amount: string, currency: string): string {
  return new Intl.NumberFormat(LOCALE, { style: "currency", currency }).format(amount as `${number}`);
}

/** Money where there is little room: 12K, 1.2M. */
export function shortMoney(amount: number, currency: string): string {
  return new Intl.NumberFormat(LOCALE, { style: "currency", currency, notation: "compact" }).format(amount);
}

/** Conversions: whole ones without digits, parts of them with two. */
export function conversions(number: string): string {
  return new Intl.NumberFormat(LOCALE, { maximumFractionDigits: 2 }).format(number as `${number}`);
}

export function count(number: number): string {
  return new Intl.NumberFormat(LOCALE).format(number);
}

export function percent(part: number): string {
  return new Intl.NumberFormat(LOCALE, { style: "percent", maximumFractionDigits: 1 }).format(part);
}

export function moment(instant: string, timeZone: string): string {
  return new Intl.DateTimeFormat(LOCALE, { dateStyle: "medium", timeStyle: "short", timeZone }).format(
    new Date(instant),
  );
}

export function date(instant: string, timeZone: string): string {
  return new Intl.DateTimeFormat(LOCALE, { dateStyle: "medium", timeZone }).format(new Date(instant));
}

/** How long before something: "2 days before", "at once". */
export function age(seconds: number): string {
  const units = [
    ["day", 86_400],
    ["hour", 3_600],
    ["minute", 60],
  ] as const;
  const [unit, size] = units.find(([, size]) => seconds >= size) ?? ["second", 1];
  const number = Math.floor(seconds / size);
  if (number === 0) {
    return "at once";
  }
  const text = new Intl.NumberFormat(LOCALE, { style: "unit", unit, unitDisplay: "long" }).format(number);
  return `${text} before`;
}

export const DIMENSION_NAMES: Record<AttributionDimension, string> = {
  CHANNEL: "Channel",
  SOURCE: "Source",
  MEDIUM: "Medium",
  CAMPAIGN: "Campaign",
  TERM: "Term",
  CONTENT: "Content",
  LANDING_PAGE: "Landing page",
  REFERRER_HOST: "Referrer",
  EVENT: "Event",
};

export const STATUS_NAMES: Record<ConversionStatus, string> = {
  CONFIRMED: "Confirmed",
  PENDING: "Pending",
  VOIDED: "Voided",
};

/** What stands in a table where a row has no key. */
export const KIND_NAMES: Record<CreditKind, string> = {
  ATTRIBUTED: "Attributed",
  UNATTRIBUTED: "Nobody (no touch in the window)",
  OTHER: "All others",
};
