import { describe, expect, test } from "vitest";

import { firstQuestion, type Question } from "./question";
import { creditedTo, csvSearch, groupBy, where } from "./variables";

const ASKED: Question = { ...firstQuestion("Europe/Paris"), from: "2026-03-29", to: "2026-03-29" };

test("days become the instants between which they lie, in their zone", () => {
  expect(where(ASKED)).toEqual({
    status: ["CONFIRMED"],
    occurred: { after: "2026-03-28T23:00:00.000Z", before: "2026-03-29T22:00:00.000Z" }, // 23 hours
  });
  expect(where({ ...ASKED, from: "" }).occurred).toEqual({ after: null, before: "2026-03-29T22:00:00.000Z" });
});

test("what is not chosen is not asked for", () => {
  expect(where({ ...ASKED, from: "", to: "", statuses: [] })).toEqual({ status: [] });
  expect(creditedTo(ASKED)).toBeNull();
});

test("what is chosen is", () => {
  expect(where({ ...ASKED, from: "", to: "", events: ["a"], currencies: ["EUR"] })).toEqual({
    status: ["CONFIRMED"],
    event: ["a"],
    currency: ["EUR"],
  });
  expect(creditedTo({ ...ASKED, channels: ["Email"], campaigns: ["x"] })).toEqual({ channel: ["Email"], campaign: ["x"] });
});

describe("keys of the table", () => {
  const drilled: Question = { ...ASKED, by: "CAMPAIGN", channels: ["Email"], sources: ["a"] };

  test("have one dimension", () => expect(groupBy(drilled)).toEqual(["CAMPAIGN"]));
  test("hold what credit is kept by, where Markov credits them", () => {
    expect(groupBy({ ...drilled, models: ["LINEAR", "MARKOV"] })).toEqual(["CHANNEL", "SOURCE", "CAMPAIGN"]);
    expect(groupBy({ ...drilled, models: ["MARKOV"], by: "SOURCE" })).toEqual(["CHANNEL", "SOURCE"]);
  });
});

test("the file is asked for as the table is", () => {
  const question: Question = {
    ...ASKED,
    models: ["LINEAR", "FIRST_TOUCH"],
    windowDays: 7,
    sourceWindows: [{ source: "a", days: 1 }, { source: "b", days: 2 }],
    excludeDirect: true,
    channels: ["Paid Search"],
    statuses: [],
  };

  expect([...new URLSearchParams(csvSearch(question))]).toEqual([
    ["models", "linear"],
    ["models", "first_touch"],
    ["by", "channel"],
    ["tz", "Europe/Paris"],
    ["window_days", "7"],
    ["source_windows", "a=1\nb=2"],
    ["exclude_direct", "on"],
    ["credited_to", "channel=Paid Search"],
    ["occurred_after", "2026-03-29"],
    ["occurred_before", "2026-03-30"],
    ["status", "confirmed"],
    ["status", "pending"],
    ["status", "voided"],
  ]);
});
