// The order of the paths in their table, and their values by currency. Pure.

import type { OrderDirection } from "../graphql/graphql";
import type { Path } from "./query";

export type PathColumn = "conversions" | "days" | `value ${string}`;

export interface PathOrder {
  by: PathColumn;
  direction: OrderDirection;
}

/** Sort paths; those without a value come last either way, and equals stay as the server has them. */
export function sorted(paths: readonly Path[], { by, direction }: PathOrder): Path[] {
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
  if (by === "conversions") {
    return path.conversions;
  }
  if (by === "days") {
    return path.averageDaysToConvert;
  }
  const amount = amountIn(path, by.slice("value ".length));
  return amount === null ? null : Number(amount);
}
