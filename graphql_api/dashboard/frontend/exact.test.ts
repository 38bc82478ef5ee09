import { describe, expect, test } from "vitest";

import { minus, share, sum } from "./exact";

describe("sum", () => {
  test.each([
    [[], "0"],
    [["0.1", "0.2"], "0.3"],
    [["1", "2.50", "0.125"], "3.625"],
    [["99999999999999999999.9999", "0.0001"], "100000000000000000000.0000"],
    [["0.00", "0"], "0.00"],
  ])("of %j is %s", (numbers, total) => expect(sum(numbers)).toBe(total));
});

describe("minus", () => {
  test.each([
    ["1", "0.333333333333", "0.666666666667"],
    ["10.50", "10.5", "0.00"],
    ["1", "2.25", "-1.25"],
    ["0.01", "0.02", "-0.01"],
  ])("%s without %s is %s", (whole, part, left) => expect(minus(whole, part)).toBe(left));
});

test("a share of nothing is nothing", () => {
  expect(share("1", "4")).toBe(0.25);
  expect(share("0", "0")).toBe(0);
  expect(share("3", "0.00")).toBe(0);
});
