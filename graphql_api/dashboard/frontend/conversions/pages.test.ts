import { expect, test } from "vitest";

import { FIRST_PAGE, nextPage, offsetOf, pageVariables, PAGE_SIZE, previousPage } from "./pages";

type Connection = Parameters<typeof nextPage>[1];

function connection(count: number, pageInfo: Partial<Connection["pageInfo"]>): Connection {
  return {
    totalCount: 60,
    pageInfo: { hasNextPage: false, hasPreviousPage: false, startCursor: "first", endCursor: "last", ...pageInfo },
    edges: Array.from({ length: count }),
  } as Connection;
}

test("the first page is asked for forwards, from nowhere", () => {
  expect(pageVariables(FIRST_PAGE)).toEqual({ first: PAGE_SIZE, after: null, last: null, before: null });
  expect(previousPage(FIRST_PAGE, connection(PAGE_SIZE, { hasNextPage: true }))).toBeNull();
});

test("one goes on after the last row, and back before the first", () => {
  const second = nextPage(FIRST_PAGE, connection(PAGE_SIZE, { hasNextPage: true }))!;
  expect(second).toEqual({ after: "last", before: null, offset: PAGE_SIZE });

  const back = previousPage(second, connection(PAGE_SIZE, { hasNextPage: true }))!;
  expect(pageVariables(back)).toEqual({ first: null, after: null, last: PAGE_SIZE, before: "first" });
  expect(back.offset).toBe(0);
});

test("backwards the server knows of earlier rows only, and later ones are where one came from", () => {
  const back = { after: null, before: "first", offset: 0 };

  expect(nextPage(back, connection(PAGE_SIZE, { hasPreviousPage: false }))).toEqual({ after: "last", before: null, offset: PAGE_SIZE });
  expect(previousPage(back, connection(PAGE_SIZE, { hasPreviousPage: false }))).toBeNull();
});

test("where rows have come or gone since, the beginning is the beginning", () => {
  expect(offsetOf({ after: null, before: "x", offset: 50 }, connection(3, { hasPreviousPage: false }))).toBe(0);
  expect(previousPage({ after: "x", before: null, offset: 50 }, connection(0, {}))).toBe(FIRST_PAGE);
  expect(nextPage({ after: "x", before: null, offset: 50 }, connection(0, {}))).toBeNull();
  expect(nextPage(FIRST_PAGE, connection(3, {}))).toBeNull();
});
