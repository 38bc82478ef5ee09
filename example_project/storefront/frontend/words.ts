// Numbers, dates and troubles as people read them, in the language of the page.

import { Refused, Unreachable } from "../../../graphql_api/frontend/server";
import { fieldErrors } from "./task";

const LANGUAGE = document.documentElement.lang;

/** Write a decimal string as money. It never becomes a float on the way. */
export function money(amount: string, currency: string): string {
  const digits = amount.split(".")[1]?.length ?? 0; // the browser's own rounds some currencies that have cents
  const format = { style: "currency", currency, minimumFractionDigits: digits, maximumFractionDigits: digits } as const;
  return new Intl.NumberFormat(LANGUAGE, format).format(amount as `${number}`);
}

/** Write the day of an ISO 8601 moment. */
export function day(moment: string): string {
  return new Intl.DateTimeFormat(LANGUAGE, { dateStyle: "long" }).format(new Date(moment));
}

/** Tell whether the same call may work another time. */
export function mayRepeat(error: Error): boolean {
  const passing = /^(5\d\d|UNAVAILABLE|RATE_LIMITED|INTERNAL_SERVER_ERROR|EMPTY)$/;
  return !(error instanceof Refused) || passing.test(error.code);
}

/** Say what went wrong and what to do about it. */
export function trouble(error: Error): string {
  if (error instanceof Unreachable) {
    return "You seem to be offline, or the shop cannot be reached. Nothing is lost. Check the connection, then try again.";
  }
  return Object.values(fieldErrors(error))[0]?.join(" ") ?? error.message;
}
