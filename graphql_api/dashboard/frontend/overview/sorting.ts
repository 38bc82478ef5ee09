// The order of the table's rows: by any of its columns, whichever way. The address keeps it.

import type { CreditKind } from "../graphql/graphql";
import type { Question } from "../question";
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

export interface Sorting {
  column: string;
  isDescending: boolean;
}

export function columnOf(model: string, measured: Measured): string {
  return `${model}.${measured}`;
}

/** The order that is asked for; by the first model's conversions where it is none of the table's columns. */
export function sortingOf({ sort, models }: Question): Sorting {
  const isDescending = sort.startsWith("-");
  const column = sort.replace("-", "");
  const known = [KEY, ...models.flatMap((model) => [columnOf(model, "CONVERSIONS"), columnOf(model, "VALUE")])];
  return known.includes(column)
    ? { column, isDescending }
    : { column: columnOf(models[0]!, "CONVERSIONS"), isDescending: true };
}

/** What the address says after a column's header was pressed: numbers begin with the greatest, names with A. */
export function sortAfter(sorting: Sorting, column: string): string {
  const isDescending = sorting.column === column ? !sorting.isDescending : column !== KEY;
  return isDescending ? `-${column}` : column;
}

/** Groups in that order. Whoever has no key stays at the end. */
export function sorted(groups: readonly Group[], question: Question, totals: readonly Total[]): Group[] {
  const { column, isDescending } = sortingOf(question);
  const direction = isDescending ? -1 : 1;
  const compare = column === KEY ? byName : byNumbers(column, question, totals);
  const keyed = groups.filter(({ kind }) => kind === "ATTRIBUTED");
  const others = groups.filter(({ kind }) => kind !== "ATTRIBUTED");
  return [...keyed.sort((one, other) => direction * compare(one, other)), ...others];
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
