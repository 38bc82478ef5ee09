import { describe, expect, test } from "vitest";

import { dayOf, daysAfter, isDay, span, startOf } from "./days";

describe("a day begins", () => {
  test.each([
    ["2026-05-31", "UTC", "2026-05-31T00:00:00.000Z"],
    ["2026-03-29", "Europe/Paris", "2026-03-28T23:00:00.000Z"], // clocks jump at two
    ["2026-03-30", "Europe/Paris", "2026-03-29T22:00:00.000Z"],
    ["2026-10-25", "Europe/Paris", "2026-10-24T22:00:00.000Z"], // the hour after two comes twice
    ["2026-10-26", "Europe/Paris", "2026-10-25T23:00:00.000Z"],
    ["2018-11-04", "America/Sao_Paulo", "2018-11-04T03:00:00.000Z"], // clocks jump at midnight: at one
    ["2026-01-01", "Asia/Kathmandu", "2025-12-31T18:15:00.000Z"], // 5:45
    ["2026-01-01", "Pacific/Kiritimati", "2025-12-31T10:00:00.000Z"], // 14 hours ahead
    ["2026-01-01", "Pacific/Niue", "2026-01-01T11:00:00.000Z"], // 11 hours behind
    ["2026-10-04", "Australia/Lord_Howe", "2026-10-03T13:30:00.000Z"], // clocks jump by half an hour
    ["2011-12-30", "Pacific/Apia", "2011-12-30T10:00:00.000Z"], // a day that Samoa left out
  ])("%s in %s at %s", (day, zone, instant) => expect(startOf(day, zone).toISOString()).toBe(instant));
});

test("an instant falls on the day of the zone", () => {
  const instant = new Date("2026-03-01T23:30:00Z");

  expect(dayOf(instant, "UTC")).toBe("2026-03-01");
  expect(dayOf(instant, "Europe/Paris")).toBe("2026-03-02");
  expect(dayOf(instant, "America/New_York")).toBe("2026-03-01");
});

test("days are counted by the calendar, whatever clocks do", () => {
  expect(daysAfter("2026-03-28", 2)).toBe("2026-03-30");
  expect(daysAfter("2024-03-01", -1)).toBe("2024-02-29");
  expect(daysAfter("2025-12-31", 1)).toBe("2026-01-01");
  expect(span("2026-03-28", "2026-03-30")).toBe(3);
  expect(span("2026-03-28", "2026-03-28")).toBe(1);
});

describe("isDay", () => {
  test.each(["1970-01-01", "2024-02-29", "2199-12-31"])("%s is one", (text) => expect(isDay(text)).toBe(true));
  test.each(["", "2026-02-30", "2025-02-29", "2026-13-01", "1969-12-31", "2200-01-01", "2026-1-1", "yesterday"])(
    "%j is none",
    (text) => expect(isDay(text)).toBe(false),
  );
});
