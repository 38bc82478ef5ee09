// Pages of a keyset connection: which one is shown, which lie beside it, and how each is asked for. Pure.

import type { ConversionsQuery, ConversionsQueryVariables } from "../graphql/graphql";

export const PAGE_SIZE = 25;

/** A page, by the row that it follows or precedes; the first one without. */
export interface Page {
  after: string | null;
  before: string | null;
  /** How many rows come before it, as far as is known. */
  offset: number;
}

export const FIRST_PAGE: Page = { after: null, before: null, offset: 0 };

type Connection = ConversionsQuery["attributedConversions"];

/** Ask for a page: forwards from the row before it, or backwards from the row after it. */
export function pageVariables({
  after,
  before,
}: Page): Required<Pick<ConversionsQueryVariables, "first" | "after" | "last" | "before">> {
  return before === null
    ? { first: PAGE_SIZE, after, last: null, before: null }
    : { first: null, after: null, last: PAGE_SIZE, before };
}

/** How many rows come before the shown page: none where the server says that backwards there are no more. */
export function offsetOf(page: Page, { pageInfo }: Connection): number {
  return page.before !== null && !pageInfo.hasPreviousPage ? 0 : page.offset;
}

/** The page before the shown one. The server tells only in the direction asked; the other one is where we came from. */
export function previousPage(page: Page, { pageInfo, edges }: Connection): Page | null {
  if (page.before === null ? page.after === null : !pageInfo.hasPreviousPage) {
    return null;
  }
  // Rows may have left the list since, and an empty page leads nowhere but to the beginning.
  return edges.length
    ? { after: null, before: pageInfo.startCursor!, offset: Math.max(0, page.offset - PAGE_SIZE) }
    : FIRST_PAGE;
}

/** The page after the shown one. */
export function nextPage(page: Page, connection: Connection): Page | null {
  const { pageInfo, edges } = connection;
  if (!edges.length || (page.before === null && !pageInfo.hasNextPage)) {
    return null;
  }
  return { after: pageInfo.endCursor!, before: null, offset: offsetOf(page, connection) + edges.length };
}
