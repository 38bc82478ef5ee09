// Numbers, money, days and names as people read them, in the language and the habits of their browser.

import type { AttributionDimension, CreditKind, ConversionStatus } from "./graphql/graphql";

const LOCALE = undefined; // the browser's own

/** Money out of a decimal text, with every digit of it: some browsers write currencies with fewer than ISO 4217 says. */
export function money(amount: string, currency: string): string {
  const usual = new Intl.NumberFormat(LOCALE, { style: "currency", currency });
  const said = amount.split(".")[1]?.length ?? 0;
  const digits = Math.max(said, usual.resolvedOptions().maximumFractionDigits ?? 0);
  const exact = { style: "currency", currency, minimumFractionDigits: digits, maximumFractionDigits: digits } as const;
  return new Intl.NumberFormat(LOCALE, exact).format(amount as `${number}`);
}

/** Money beside the name of its currency: "$" also where others have dollars. */
export function namedMoney(amount: string, currency: string): string {
  const format = new Intl.NumberFormat(LOCALE, { style: "currency", currency, currencyDisplay: "narrowSymbol" });
  return format.format(amount as `${number}`);
}

/** Money where there is little room: 12K, 1.2M. */
export function shortMoney(amount: number, currency: string): string {
  return new Intl.NumberFormat(LOCALE, { style: "currency", currency, notation: "compact" }).format(amount);
}

/** Conversions: whole ones without digits, parts of them with two. */
export function conversions(number: string): string {
  const digits = /\.\d*[1-9]/.test(number) ? 2 : 0;
  const format = new Intl.NumberFormat(LOCALE, { minimumFractionDigits: digits, maximumFractionDigits: digits });
  return format.format(number as `${number}`);
}

/** Numbers where there is little room: 12K, 1.2M. */
export function shortNumber(number: number): string {
  return new Intl.NumberFormat(LOCALE, { notation: "compact" }).format(number);
}

export function count(number: number): string {
  return new Intl.NumberFormat(LOCALE).format(number);
}

export function percent(part: number): string {
  const digits = { minimumFractionDigits: 1, maximumFractionDigits: 1 };
  return new Intl.NumberFormat(LOCALE, { style: "percent", ...digits }).format(part);
}

/** A share of the credit: as many digits as say something, and no more than one. */
export function weight(share: number): string {
  return new Intl.NumberFormat(LOCALE, { style: "percent", maximumFractionDigits: 1 }).format(share);
}

/** An average, of days for instance. */
export function average(number: number): string {
  return new Intl.NumberFormat(LOCALE, { minimumFractionDigits: 1, maximumFractionDigits: 1 }).format(number);
}

export function moment(instant: string, timeZone: string): string {
  return new Intl.DateTimeFormat(LOCALE, { dateStyle: "medium", timeStyle: "short", timeZone }).format(
    new Date(instant),
  );
}

/** A day of the calendar: "May 31", with its year where days of several years stand side by side. */
export function day(day: string, { withYear = false } = {}): string {
  const year = withYear ? ({ year: "numeric" } as const) : {};
  return new Intl.DateTimeFormat(LOCALE, { month: "short", day: "numeric", ...year, timeZone: "UTC" }).format(
    new Date(day),
  );
}

/** The month of a day: "May 2026". */
export function month(day: string): string {
  return new Intl.DateTimeFormat(LOCALE, { month: "short", year: "numeric", timeZone: "UTC" }).format(new Date(day));
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

/** In the plural, as in "All channels". */
export const DIMENSION_PLURALS: Record<AttributionDimension, string> = {
  CHANNEL: "channels",
  SOURCE: "sources",
  MEDIUM: "mediums",
  CAMPAIGN: "campaigns",
  TERM: "terms",
  CONTENT: "contents",
  LANDING_PAGE: "landing pages",
  REFERRER_HOST: "referrers",
  EVENT: "events",
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
