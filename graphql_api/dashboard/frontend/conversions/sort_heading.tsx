// The heading of a column that can be sorted by: a button, and for screen readers the order on the heading.

import type { ComponentChildren } from "preact";

import type { OrderDirection } from "../graphql/graphql";

interface SortHeadingProps {
  children: ComponentChildren;
  /** How the column is sorted; null where another one is. */
  direction: OrderDirection | null;
  /** The greatest first at the first press, then the other way round. */
  sort: (direction: OrderDirection) => void;
  class?: string;
}

const ARIA_SORT = { ASC: "ascending", DESC: "descending" } as const;
const ARROW = { ASC: "↑", DESC: "↓" } as const;

export function SortHeading({ children, direction, sort, class: className = "" }: SortHeadingProps) {
  return (
    <th
      scope="col"
      role="columnheader"
      class={`sort-heading ${className}`}
      {...(direction && { "aria-sort": ARIA_SORT[direction] })}
    >
      <button type="button" onClick={() => sort(direction === "DESC" ? "ASC" : "DESC")}>
        {children}
        <span class="sort-arrow" aria-hidden="true">
          {direction ? ARROW[direction] : "↕"}
        </span>
      </button>
    </th>
  );
}
