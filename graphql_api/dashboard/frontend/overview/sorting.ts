// The order of the table's rows: by any of its columns, whichever way. The address keeps it.

import type { CreditKind } from "../graphql/graphql";
import type { Question } from "../question";
import { orderFrom, orderText, type Order } from "../sorting";
import { credited } from "./figures";
import type { Row, Total } from "./queries";

/** All rows of a key: one for each currency. */
export interface Group {
  kind: CreditKind;
  key: Row["key"];
  name: string;
  rows: Row[];
}

export const KEY = "KEY";
export type Measured = "CONVERSIONS" | "VALUE";

export function columnOf(model: string, measured: Measured): string {
  return `${model}.${measured}`;
}

/** The order that is asked for; by the first model's conversions where it is none of the table's columns. */
export function orderOf({ sort, models }: Question): Order {
  const columns = [KEY, ...models.flatMap((model) => [columnOf(model, "CONVERSIONS"), columnOf(model, "VALUE")])];
  return orderFrom(sort, columns, { by: columnOf(models[0]!, "CONVERSIONS"), direction: "DESC" });
}

/** What the address says after a column's header was pressed: numbers begin with the greatest, names with A. */
export function sortAfter({ by, direction }: Order, column: string): string {
  const isDescending = by === column ? direction === "ASC" : column !== KEY;
  return orderText({ by: column, direction: isDescending ? "DESC" : "ASC" });
}

/** Groups in that order. Whoever has no key stays at the end. */
export function sorted(groups: readonly Group[], question: Question, totals: readonly Total[]): Group[] {
  const { by, direction } = orderOf(question);
  const sign = direction === "DESC" ? -1 : 1;
  const compare = by === KEY ? byName : byNumbers(by, question, totals);
  const keyed = groups.filter(({ kind }) => kind === "ATTRIBUTED");
  const others = groups.filter(({ kind }) => kind !== "ATTRIBUTED");
  return [...keyed.sort((one, other) => sign * compare(one, other)), ...others];
}

function byName(one: Group, other: Group): number {
  return one.name.localeCompare(other.name, undefined, { numeric: true });
}

/** Conversions are counts and add up across currencies. Values do not: the currency of most conversions decides. */
function byNumbers(column: string, { models }: Question, totals: readonly Total[]) {
  const place = models.findIndex((model) => column.startsWith(`${model}.`));
  const currencies = [...totals].sort((one, other) => other.conversions - one.conversions);
  const numbers = ({ rows }: Group): number[] =>
    column.endsWith(".CONVERSIONS")
      ? [Number(credited(rows, place).conversions)]
      : currencies.flatMap(({ currency }) =>
          currency ? Number(rows.find((row) => row.currency === currency)?.results[place]?.value?.amount ?? 0) : [],
        );
  return (one: Group, other: Group): number => {
    const others = numbers(other);
    return numbers(one).map((number, index) => number - others[index]!).find(Boolean) ?? 0;
  };
}
