import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";

import { fromSearch, toSearch } from "./address";
import { firstQuestion, type Question } from "./question";

const ZONE = Intl.DateTimeFormat().resolvedOptions().timeZone;

beforeEach(() => vi.useFakeTimers({ now: new Date("2026-05-31T12:00:00Z") }));
afterEach(() => vi.useRealTimers());

const OTHER: Question = {
  view: "paths",
  from: "2026-01-01",
  to: "2026-01-31",
  timeZone: "Asia/Tokyo",
  events: ["order_placed", "a & b=c"],
  currencies: ["EUR"],
  statuses: ["CONFIRMED", "VOIDED"],
  channels: ["Paid Search"],
  sources: ["google", "größe"],
  campaigns: ["50% off?"],
  models: ["LINEAR", "MARKOV"],
  windowDays: 7,
  sourceWindows: [{ source: "a=b", days: 0 }],
  excludeDirect: true,
  by: "LANDING_PAGE",
  sort: "-LINEAR.VALUE",
  interval: "MONTH",
  measure: "EUR",
  stepsBy: "SOURCE",
  collapseRepeats: false,
  pathCount: 200,
  pathSort: "-VALUE.EUR",
  conversionSort: "VALUE",
};

test("the first question has an empty address", () => {
  expect(toSearch(firstQuestion())).toBe("");
  expect(fromSearch("")).toEqual(firstQuestion());
});

test("every choice survives the way through the address", () => {
  expect(fromSearch(toSearch(OTHER))).toEqual(OTHER);
});

describe.each(Object.keys(OTHER) as (keyof Question)[])("%s alone", (field) => {
  test("survives the way through the address", () => {
    // From and to are told together: one alone may leave no days between them.
    const days = field === "from" || field === "to" ? { from: OTHER.from, to: OTHER.to } : {};
    const question = { ...firstQuestion(OTHER.timeZone), [field]: OTHER[field], ...days };

    expect(toSearch(question)).not.toBe("");
    expect(fromSearch(toSearch(question))).toEqual(question);
  });
});

test("no bounds and all states have words", () => {
  const question = { ...firstQuestion(), from: "", to: "", statuses: [] } satisfies Question;

  expect(toSearch(question)).toBe("?from=any&to=any&status=all");
  expect(fromSearch("?from=any&to=any&status=all")).toEqual(question);
});

test.each([
  "view=attic",
  "tz=Mars/Olympus",
  "from=2026-02-30",
  "to=yesterday",
  "from=2026-05-20&to=2026-05-10",
  "status=lost",
  "model=",
  "event=&currency=&channel=",
  "window=-1",
  "window=3651",
  "window=1e3",
  "window=",
  "source_window=google",
  "source_window=%3D7",
  "source_window=email%3D99999",
  "exclude_direct=perhaps",
  "by=colour",
  "interval=minute",
  "steps=event",
  "repeats=0",
  "paths=0",
  "paths=201",
  "paths=many",
  "by[]=x&__proto__=1&%E0%A4%A",
])("what cannot be used asks the first question: %s", (search) => {
  expect(fromSearch(`?${search}`)).toEqual({ ...firstQuestion(ZONE) });
});

test("what can be used of an address is", () => {
  const question = fromSearch(
    "?model=LINEAR&model=linear&status=LOST&status=Pending&window=x&by=Source&source_window=A%3D1&source_window=%20a%20%3D2",
  );

  expect(question.models).toEqual(["LINEAR"]);
  expect(question.statuses).toEqual(["PENDING"]);
  expect(question.by).toBe("SOURCE");
  expect(question.sourceWindows).toEqual([{ source: "a", days: 2 }]);
});

test("no more is asked than the API takes", () => {
  const many = (name: string, write = (place: number) => `v${place}`) =>
    fromSearch(`?${Array.from({ length: 300 }, (_, place) => `${name}=${write(place)}`).join("&")}`);

  expect(many("event").events).toHaveLength(200);
  expect(many("model").models).toHaveLength(10);
  expect(many("source_window", (place) => `s${place}%3D1`).sourceWindows).toHaveLength(50);
});
