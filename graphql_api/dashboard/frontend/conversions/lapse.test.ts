import { describe, expect, test } from "vitest";

import { distance, microseconds } from "./lapse";

test("instants are told apart to the microsecond", () => {
  expect(microseconds("1970-01-01T00:00:00.000001Z")).toBe(1n);
  expect(microseconds("1970-01-01T01:00:00+01:00")).toBe(0n);
  expect(microseconds("2026-03-30T01:30:00.5Z") - microseconds("2026-03-30T01:30:00.499999Z")).toBe(1n);
});

describe("a touch came", () => {
  const CONVERTED = "2026-03-30T12:00:00Z";
  test.each([
    ["2026-03-30T12:00:00.000000Z", "at the same moment"],
    ["2026-03-30T11:59:59.500000Z", "at the same moment"],
    ["2026-03-30T11:59:59Z", "1 second before"],
    ["2026-03-30T11:00:00Z", "1 hour before"],
    ["2026-03-28T08:59:59Z", "2 days 3 hours before"], // two units, no more
    ["2026-03-28T11:59:59Z", "2 days 1 second before"],
    ["2026-03-30T12:04:00Z", "4 minutes after"],
  ])("%s: %s", (touched, words) => expect(distance(touched, CONVERTED)).toBe(words));
});
