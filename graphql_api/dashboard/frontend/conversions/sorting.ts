// The order of the list, as the API takes it.

import type { ConversionOrderInput, OrderDirection } from "../graphql/graphql";

export type OrderColumn = "occurredAt" | "value";

export interface Order {
  by: OrderColumn;
  direction: OrderDirection;
}

export const NEWEST_FIRST: Order = { by: "occurredAt", direction: "DESC" };

export function orderVariable({ by, direction }: Order): ConversionOrderInput {
  return by === "value" ? { value: direction } : { occurredAt: direction };
}
