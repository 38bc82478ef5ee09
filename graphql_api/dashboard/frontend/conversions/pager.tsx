// Which conversions are shown out of how many, and the way to the others.

import { useRef } from "preact/hooks";

import { count } from "../format";
import type { ConversionsQuery } from "../graphql/graphql";
import { FIRST_PAGE, nextPage, offsetOf, previousPage, type Page } from "./pages";

interface PagerProps {
  connection: ConversionsQuery["attributedConversions"];
  page: Page;
  turn: (page: Page) => void;
}

export function Pager({ connection, page, turn }: PagerProps) {
  const pager = useRef<HTMLElement>(null);
  const { edges, totalCount } = connection;
  const offset = offsetOf(page, connection);
  const previous = previousPage(page, connection);
  const next = nextPage(page, connection);
  /** Go on reading at the top of the list; a button that leads nowhere any more would lose the focus, too. */
  const go = (to: Page) => {
    turn(to);
    const list = pager.current?.parentElement?.querySelector<HTMLElement>(".scroll");
    list?.focus({ preventScroll: true });
    list?.closest(".panel")?.scrollIntoView({ block: "start" });
  };
  return (
    <nav class="pager" aria-label="Pages" ref={pager}>
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
