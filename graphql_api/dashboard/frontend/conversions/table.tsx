// The table of conversions, a page of it. Roles are written out: on phones its rows are laid out as cards, and browsers
// that see a table without `display: table` forget that it is one.

import { SortHeading } from "../sort_heading";
import type { Order } from "../sorting";
import type { Edge } from "./queries";
import { ConversionRow } from "./row";
import type { OrderColumn } from "./sorting";
import type { Asked } from "./verdict";

interface ConversionTableProps {
  edges: readonly Edge[];
  order: Order<OrderColumn>;
  sort: (order: Order<OrderColumn>) => void;
  /** The time zone in which moments are told. */
  zone: string;
  asked: Asked;
}

export function ConversionTable({ edges, order, sort, zone, asked }: ConversionTableProps) {
  const sorted = (by: OrderColumn) => ({
    direction: order.by === by ? order.direction : null,
    sort: (direction: Order["direction"]) => sort({ by, direction }),
  });
  return (
    <div class="scroll" tabindex={0} role="region" aria-label="Conversions, a page of them">
      <table class="conversions" role="table">
        <thead role="rowgroup">
          <tr role="row">
            <SortHeading {...sorted("OCCURRED_AT")}>When</SortHeading>
            <th scope="col" role="columnheader">
              Event
            </th>
            <th scope="col" role="columnheader">
              Status
            </th>
            <SortHeading {...sorted("VALUE")} class="number">
              Value
            </SortHeading>
            <th scope="col" role="columnheader">
              Credited to
            </th>
            <th scope="col" role="columnheader">
              Weights
            </th>
            <th scope="col" role="columnheader">
              <span class="visually-hidden">Explanation</span>
            </th>
          </tr>
        </thead>
        <tbody role="rowgroup">
          {edges.map(({ node, credits }) => (
            <ConversionRow key={node.id} conversion={node} credits={credits} zone={zone} asked={asked} />
          ))}
        </tbody>
      </table>
    </div>
  );
}
