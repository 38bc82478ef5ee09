import { expect, test } from "vitest";

import { orderFrom, orderText } from "./sorting";

const USUAL = { by: "WHEN", direction: "DESC" } as const;

test("an order survives the way through its text", () => {
  for (const text of ["WHEN", "-WHEN", "VALUE", "-VALUE"]) {
    expect(orderText(orderFrom(text, ["WHEN", "VALUE"], USUAL))).toBe(text);
  }
});

test("an unknown column means the usual order", () => {
  expect(orderFrom("", ["WHEN"], USUAL)).toBe(USUAL);
  expect(orderFrom("-COLOUR", ["WHEN"], USUAL)).toBe(USUAL);
  expect(orderFrom("--WHEN", ["WHEN"], USUAL)).toBe(USUAL);
});
