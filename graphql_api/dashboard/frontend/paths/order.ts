// The order of the paths in their table, and their values by currency. Pure.

import { orderFrom, type Order } from "../sorting";
import type { Path } from "./query";

export type PathColumn = "CONVERSIONS" | "DAYS" | `VALUE.${string}`;

const MOST_FIRST: Order<PathColumn> = { by: "CONVERSIONS", direction: "DESC" };

/** The order that a question asks for; the most frequent first where it names none of the columns. */
export function orderOf(pathSort: string, currencies: readonly string[]): Order<PathColumn> {
  return orderFrom(pathSort, ["CONVERSIONS", "DAYS", ...currencies.map(valueColumn)], MOST_FIRST);
}

export function valueColumn(currency: string): PathColumn {
  return `VALUE.${currency}`;
}

/** Sort paths; those without a value come last either way, and equals stay as the server has them. */
export function sorted(paths: readonly Path[], { by, direction }: Order<PathColumn>): Path[] {
  const sign = direction === "DESC" ? -1 : 1;
  const keyed = paths.map((path) => ({ path, key: keyOf(path, by) }));
  keyed.sort((a, b) => (a.key === null || b.key === null ? Number(a.key === null) - Number(b.key === null) : sign * (a.key - b.key)));
  return keyed.map(({ path }) => path);
}

/** The currencies of some paths, each of which has a column of its own: amounts of several are never added. */
export function currenciesOf(paths: readonly Path[]): string[] {
  return [...new Set(paths.flatMap(({ values }) => values.map(({ currency }) => currency)))].sort();
}

/** What a path is worth in a currency, as text; null for nothing. */
export function amountIn(path: Path, currency: string): string | null {
  return path.values.find((value) => value.currency === currency)?.amount ?? null;
}

/** The nearest number is exact enough to sort by. */
function keyOf(path: Path, by: PathColumn): number | null {
  if (by === "CONVERSIONS") {
    return path.conversions;
  }
  if (by === "DAYS") {
    return path.averageDaysToConvert;
  }
  const amount = amountIn(path, by.slice("VALUE.".length));
  return amount === null ? null : Number(amount);
}
