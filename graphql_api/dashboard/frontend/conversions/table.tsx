// The table of conversions, a page of it. Roles are written out: on phones its rows are laid out as cards, and browsers
// that see a table without `display: table` forget that it is one.

import type { RefObject } from "preact";

import { Heading, SortHeading } from "../heading";
import { ScrollRegion } from "../scroll_region";
import type { Order } from "../sorting";
import type { Edge } from "./queries";
import { ConversionRow } from "./row";
import type { OrderColumn } from "./sorting";
import type { Asked } from "./verdict";

interface ConversionTableProps {
  edges: readonly Edge[];
  region: RefObject<HTMLDivElement | null>;
  order: Order<OrderColumn>;
  sort: (order: Order<OrderColumn>) => void;
  /** The time zone in which moments are told. */
  zone: string;
  asked: Asked;
}

export function ConversionTable({ edges, region, order, sort, zone, asked }: ConversionTableProps) {
  const sorted = (by: OrderColumn) => ({
    direction: order.by === by ? order.direction : null,
    sort: (direction: Order["direction"]) => sort({ by, direction }),
  });
  return (
    <ScrollRegion label="Conversions, a page of them" region={region}>
      <table class="conversions" role="table">
        <thead role="rowgroup">
          <tr role="row">
            <SortHeading {...sorted("OCCURRED_AT")}>When</SortHeading>
            <Heading>Event</Heading>
            <Heading>Status</Heading>
            <SortHeading {...sorted("VALUE")} class="number">
              Value
            </SortHeading>
            <Heading>Credited to</Heading>
            <Heading>Weights</Heading>
            <Heading><span class="visually-hidden">Explanation</span></Heading>
          </tr>
        </thead>
        <tbody role="rowgroup">
          {edges.map(({ node, credits }) => (
            <ConversionRow key={node.id} conversion={node} credits={credits} zone={zone} asked={asked} />
          ))}
        </tbody>
      </table>
    </ScrollRegion>
  );
}
