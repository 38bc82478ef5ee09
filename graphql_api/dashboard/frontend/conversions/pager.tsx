// Which conversions are shown out of how many, and the way to the others.

import type { RefObject } from "preact";

import { count } from "../format";
import type { ConversionsQuery } from "../graphql/graphql";
import { FIRST_PAGE, nextPage, offsetOf, previousPage, type Page } from "./pages";

interface PagerProps {
  connection: ConversionsQuery["attributedConversions"];
  page: Page;
  turn: (page: Page) => void;
  /** The list that the pages are of. */
  list: RefObject<HTMLElement | null>;
}

export function Pager({ connection, page, turn, list }: PagerProps) {
  const { edges, totalCount } = connection;
  const offset = offsetOf(page, connection);
  const previous = previousPage(page, connection);
  const next = nextPage(page, connection);
  /** Go on reading at the top of the list; a button that leads nowhere any more would lose the focus, too. */
  const go = (to: Page) => {
    turn(to);
    list.current?.focus({ preventScroll: true });
    list.current?.scrollIntoView({ block: "start" });
  };
  return (
    <nav class="pager" aria-label="Pages">
      <p>
        {edges.length > 0 && `${count(offset + 1)} to ${count(offset + edges.length)} of `}
        {count(totalCount)} {totalCount === 1 ? "conversion" : "conversions"}
      </p>
      {(previous ?? next) && (
        <>
          <button type="button" class="button" disabled={!previous} onClick={() => go(FIRST_PAGE)}>
            First
          </button>
          <button type="button" class="button" disabled={!previous} onClick={() => previous && go(previous)}>
            Previous
          </button>
          <button type="button" class="button" disabled={!next} onClick={() => next && go(next)}>
            Next
          </button>
        </>
      )}
    </nav>
  );
}
