// The order of a table as the address says it: a column, after a minus sign where the greatest comes first. Pure.

import type { OrderDirection } from "./graphql/graphql";

export interface Order<Column extends string = string> {
  by: Column;
  direction: OrderDirection;
}

/** Read an order; the usual one where the text names none of the columns. */
export function orderFrom<Column extends string>(
  text: string,
  columns: readonly Column[],
  usual: Order<Column>,
): Order<Column> {
  const by = columns.find((column) => column === text.replace(/^-/, ""));
  return by === undefined ? usual : { by, direction: text.startsWith("-") ? "DESC" : "ASC" };
}

export function orderText({ by, direction }: Order): string {
  return direction === "DESC" ? `-${by}` : by;
}
