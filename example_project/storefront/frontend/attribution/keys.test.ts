import { beforeEach, expect, test } from "vitest";

import { forgetAll } from "../kept";
import { forgetKey, keyOf } from "./keys";

beforeEach(forgetAll);

test("a conversion keeps its key, so that repeats of the call are one conversion", () => {
  const key = keyOf("order", "2 pens");

  expect(keyOf("order", "2 pens")).toBe(key);
  expect(key).toMatch(/^[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}$/);
});

test("about something else it is another conversion", () => {
  const keys = [keyOf("order", "2 pens"), keyOf("order", "3 pens"), keyOf("signup", "2 pens")];

  expect(new Set(keys).size).toBe(3);
});

test("once it is done, the next one has a key of its own", () => {
  const key = keyOf("order", "2 pens");
  forgetKey("order");

  expect(keyOf("order", "2 pens")).not.toBe(key);
});
