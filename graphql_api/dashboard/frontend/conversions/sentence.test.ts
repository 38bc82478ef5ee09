import { describe, expect, test } from "vitest";

import { sentence, weightText, type DecidedCredit } from "./sentence";
import type { Asked, Verdict } from "./verdict";

const ASKED: Asked = {
  model: "LAST_TOUCH",
  label: "Last touch",
  description: "All credit to the last one.",
  windowDays: 30,
  sourceWindows: [],
  excludeDirect: false,
};
const CREDIT: DecidedCredit = {
  channel: "Email",
  source: "newsletter",
  medium: "email",
  campaign: "spring",
  weight: "1",
  touchedAt: "2026-03-01T00:00:00Z",
};
const WHO = "newsletter / email “spring”, 2 days before";

function told(asked: Partial<Asked>, credits: DecidedCredit[], verdicts: Verdict[] | null, visitor: "known" | "hidden" | "unknown" = "known") {
  return sentence({ asked: { ...ASKED, ...asked }, credits, verdicts, visitor, convertedAt: "2026-03-03T00:00:00Z" });
}

describe("one winner", () => {
  test.each([
    [told({}, [CREDIT], ["credited", "passed-over"]), `Last touch gives everything to the last touch in the window: ${WHO}.`],
    [told({}, [CREDIT], ["credited", "too-old"]), `Last touch gives everything to the only touch in the window: ${WHO}.`],
    [
      told({ excludeDirect: true }, [CREDIT], ["direct", "direct", "credited"]),
      `Last touch gives everything to the only touch in the window: ${WHO}. 2 direct touches had been left out before.`,
    ],
    [
      told({ model: "LAST_NON_DIRECT" }, [{ ...CREDIT, channel: "Direct" }], null),
      `Last touch gives everything to the last touch in the window, all of them being direct: ${WHO}.`,
    ],
  ])("%s", (words, wanted) => expect(words).toBe(wanted));
});

test("a rule with numbers in it is told as the server describes it", () => {
  const decay = { model: "TIME_DECAY", label: "Time decay", description: "Half as much for every 3 days." };
  const credits = [{ ...CREDIT, weight: "0.3333" }, { ...CREDIT, weight: "0.6667" }];

  expect(told(decay, credits, null)).toBe(
    "Time decay decides by its rule (Half as much for every 3 days): " +
      "33.3% to newsletter / email “spring”; 66.7% to newsletter / email “spring”.",
  );
});

test("of many shares the largest are told", () => {
  const credits = ["0.1", "0.3", "0.1", "0.2", "0.15", "0.15"].map((weight) => ({ ...CREDIT, weight, campaign: weight }));

  expect(told({ model: "LINEAR" }, credits, null).match(/“[^”]+”|the rest to .*/g)).toEqual([
    "“0.3”", "“0.2”", "“0.15”", "“0.15”", "the rest to 2 others.",
  ]);
});

describe("nobody", () => {
  test.each([
    [told({}, [], null, "unknown"), "Nobody earned it: it is not known which visitor converted."],
    [told({}, [], null, "hidden"), "Nobody earned it: no touch of the visitor lies in the window."],
    [told({ excludeDirect: true }, [], null, "hidden"), "Nobody earned it: no touch of the visitor that is not direct lies in the window."],
    [told({}, [], []), "Nobody earned it: no touch of this visitor is on record."],
    [told({}, [], ["too-old"]), "Nobody earned it: the visitor's only touch came before its window began."],
    [told({}, [], ["later", "later"]), "Nobody earned it: all 2 touches of the visitor came after the conversion."],
    [
      told({}, [], ["too-old", "direct", "direct", "later"]),
      "Nobody earned it: of the visitor's 4 touches 1 came before its window began, 2 are direct and left out, and 1 came after the conversion.",
    ],
  ])("%s", (words, wanted) => expect(words).toBe(wanted));
});

test("a share that rounds to nothing is still more than that", () => {
  expect(weightText("0.5")).toBe("50%");
  expect(weightText("0.0004")).toBe("under 0.1%");
});
