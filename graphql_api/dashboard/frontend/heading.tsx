// The headings of columns, those that can be sorted by and those that cannot, on one line.

import type { ComponentChildren } from "preact";

import type { OrderDirection } from "./graphql/graphql";

interface HeadingProps {
  children: ComponentChildren;
  class?: string;
  rowSpan?: number;
}

interface SortHeadingProps extends HeadingProps {
  /** How the column is sorted; null where another one is. */
  direction: OrderDirection | null;
  /** The greatest first at the first press, then the other way round. */
  sort: (direction: OrderDirection) => void;
}

const ARIA_SORT = { ASC: "ascending", DESC: "descending" } as const;

export function Heading({ children, class: className = "", rowSpan = 1 }: HeadingProps) {
  return (
    <th scope="col" role="columnheader" rowSpan={rowSpan} class={className}>
      <span class="sort">{children}</span>
    </th>
  );
}

/** A button, and for screen readers the order on the heading. */
export function SortHeading({ children, direction, sort, class: className = "", rowSpan = 1 }: SortHeadingProps) {
  return (
    <th
      scope="col"
      role="columnheader"
      rowSpan={rowSpan}
      class={`sort-heading ${className}`}
      aria-sort={direction ? ARIA_SORT[direction] : undefined}
    >
      <button type="button" class="sort" onClick={() => sort(direction === "DESC" ? "ASC" : "DESC")}>
        {children}
        <span class="sort-mark" aria-hidden="true" />
      </button>
    </th>
  );
}
