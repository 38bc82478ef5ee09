import { describe, expect, test } from "vitest";

import { reasonOf, verdictOf, type Asked } from "./verdict";
import table from "./verdict_cases.json";

const ASKED: Asked = {
  model: "LAST_TOUCH",
  label: "Last touch",
  description: "",
  windowDays: 30,
  sourceWindows: [],
  excludeDirect: false,
};
const TOUCH = { occurredAt: "2026-03-01T00:00:00Z", source: "google", channel: "Paid Search" };

// tests/verdict_cases.py writes them by the rules of the package itself.
test.each(table.cases)("$model, $windowDays days, direct left out: $excludeDirect", ({ verdicts, ...rule }) => {
  const asked = { ...ASKED, ...rule };
  const found = table.touches.map((touch, place) =>
    verdictOf(touch, table.convertedAt, asked, verdicts[place] === "credited"),
  );
  expect(found).toEqual(verdicts);
});

test("sources are compared without regard to case or outer space", () => {
  const asked = { ...ASKED, sourceWindows: [{ source: "Google", days: 0 }] };

  expect(verdictOf({ ...TOUCH, source: " GOOGLE " }, "2026-03-02T00:00:00Z", asked, false)).toBe("left-out");
});

describe("the reason names what was in the way", () => {
  const own = { ...ASKED, sourceWindows: [{ source: "google", days: 1 }] };
  test.each([
    [reasonOf("credited", TOUCH, ASKED, []), null],
    [reasonOf("later", TOUCH, ASKED, []), "it came after the conversion."],
    [reasonOf("too-old", TOUCH, ASKED, []), "it came before the window began, 30 days before the conversion."],
    [reasonOf("too-old", TOUCH, own, []), "it came before the window for google began, 1 day before the conversion."],
    [reasonOf("left-out", TOUCH, own, []), "the window for google is 0 days, which leaves it out."],
    [reasonOf("direct", TOUCH, ASKED, []), "direct visits are left out."],
    [reasonOf("passed-over", TOUCH, ASKED, []), "another touch was the last in the window."],
    [
      reasonOf("passed-over", TOUCH, { ...ASKED, model: "LAST_NON_DIRECT" }, [{ channel: "Email" }]),
      "another touch was the last in the window that was not direct.",
    ],
    [
      reasonOf("passed-over", { ...TOUCH, channel: "Direct" }, { ...ASKED, model: "LAST_NON_DIRECT" }, [{ channel: "Email" }]),
      "it was direct, and another touch in the window was not.",
    ],
    [
      reasonOf("passed-over", { ...TOUCH, channel: "Direct" }, { ...ASKED, model: "LAST_NON_DIRECT" }, [{ channel: "Direct" }]),
      "another touch was the last in the window, where all are direct.",
    ],
    [reasonOf("passed-over", TOUCH, { ...ASKED, model: "LAST_PAID", label: "Last paid" }, []), "Last paid gives it nothing."],
  ])("%s", (reason, words) => expect(reason).toBe(words));
});
