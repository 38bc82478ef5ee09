// The order of the list, as the API takes it.

import type { ConversionOrderInput } from "../graphql/graphql";
import { orderFrom, type Order } from "../sorting";

export type OrderColumn = "OCCURRED_AT" | "VALUE";

const NEWEST_FIRST: Order<OrderColumn> = { by: "OCCURRED_AT", direction: "DESC" };

/** The order that a question asks for; the newest first where it names none of the columns. */
export function orderOf(conversionSort: string): Order<OrderColumn> {
  return orderFrom(conversionSort, ["OCCURRED_AT", "VALUE"], NEWEST_FIRST);
}

export function orderVariable({ by, direction }: Order<OrderColumn>): ConversionOrderInput {
  return by === "VALUE" ? { value: direction } : { occurredAt: direction };
}
