import { expect, test } from "vitest";

import type { Credit, Touch } from "./queries";
import { stepsOf } from "./steps";
import type { Asked } from "./verdict";

const ASKED: Asked = { model: "LINEAR", label: "", description: "", windowDays: 30, sourceWindows: [], excludeDirect: false };
const CONVERTED = "2026-03-10T00:00:00Z";

function touch(id: string, occurredAt: string): Touch {
  return {
    id, occurredAt, channel: "Email", source: "a", medium: "email", campaign: null, campaignId: null, term: null,
    content: null, referrer: null, landingUrl: null, clickIds: [],
  } as unknown as Touch;
}

function creditOf(touchpoint: Touch | null): Credit {
  return { ...touch("", ""), weight: "0.5", touchedAt: "2026-03-05T00:00:00Z", value: null, touchpoint } as unknown as Credit;
}

const OLD = touch("1", "2026-01-01T00:00:00Z");
const EARNER = touch("2", "2026-03-05T00:00:00Z");
const LATER = touch("3", "2026-03-11T00:00:00Z");

test("each touch of a journey has its credit and verdict", () => {
  const steps = stepsOf([OLD, EARNER, LATER], [creditOf(EARNER)], CONVERTED, ASKED);

  expect(steps.map(({ id, number, verdict }) => [id, number, verdict])).toEqual([
    ["1", null, "too-old"],
    ["2", 0, "credited"],
    ["3", null, "later"],
  ]);
});

test("credits bring the touches that the journey does not show", () => {
  const steps = stepsOf([OLD], [creditOf(EARNER)], CONVERTED, ASKED);

  expect(steps.map(({ id, number }) => [id, number])).toEqual([["1", null], ["2", 0]]);
});

test("without a journey, and without touches that may be seen, credits are all there is", () => {
  const steps = stepsOf(null, [creditOf(null), creditOf(null)], CONVERTED, ASKED);

  expect(steps.map(({ id, verdict }) => [id, verdict])).toEqual([["credit 0", "credited"], ["credit 1", "credited"]]);
  expect(steps[0]!.touch.occurredAt).toBe("2026-03-05T00:00:00Z");
});
