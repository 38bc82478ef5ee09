// What the dashboard is asked: everything that a person can choose, and nothing else.

import { today, daysAfter, type Day } from "./days";
import type { AttributionDimension, ConversionStatus, ReportInterval } from "./graphql/graphql";

export const VIEWS = ["overview", "paths", "conversions"] as const;
export type View = (typeof VIEWS)[number];

export const DIMENSIONS = [
  "CHANNEL",
  "SOURCE",
  "MEDIUM",
  "CAMPAIGN",
  "TERM",
  "CONTENT",
  "LANDING_PAGE",
  "REFERRER_HOST",
  "EVENT",
] as const satisfies readonly AttributionDimension[];

export const INTERVALS = ["DAY", "WEEK", "MONTH"] as const satisfies readonly ReportInterval[];

/** By which dimensions a step of a path can be told. */
export const STEP_DIMENSIONS = DIMENSIONS.filter((dimension) => dimension !== "EVENT"); // which touches do not have

export const STATUSES = ["CONFIRMED", "PENDING", "VOIDED"] as const satisfies readonly ConversionStatus[];

/** By which dimensions the dashboard drills down, from the outside in, and where the question keeps their values. */
export const DRILL_DOWN = [
  { dimension: "CHANNEL", field: "channels" },
  { dimension: "SOURCE", field: "sources" },
  { dimension: "CAMPAIGN", field: "campaigns" },
] as const;

export const MAX_WINDOW_DAYS = 3650; // as the API says
export const MAX_SOURCE_WINDOWS = 50; // as the API says
export const MAX_MODELS = 10; // as the API says
export const MAX_VALUES = 200; // of one list, as the API says
export const MAX_PATHS = 200; // as the API says
const FIRST_PATHS = 20;
export const FIRST_SPAN = 30; // days

export interface SourceWindow {
  source: string;
  days: number;
}

export interface Question {
  view: View;
  /** The first and the last day, both included; empty for no bound. */
  from: Day | "";
  to: Day | "";
  /** The IANA name of the zone in which days begin. */
  timeZone: string;
  events: string[];
  currencies: string[];
  /** An empty list means all. */
  statuses: ConversionStatus[];
  /** Credit is kept only for these; nothing named means all credit. */
  channels: string[];
  sources: string[];
  campaigns: string[];
  /** The first one answers wherever there is room for one; the others stand beside it. Never empty. */
  models: string[];
  windowDays: number;
  sourceWindows: SourceWindow[];
  excludeDirect: boolean;
  /** What the table breaks credit down by. */
  by: AttributionDimension;
  /** The column by which the table is ordered, after a minus sign where the greatest comes first; empty as answered. */
  sort: string;
  /** Of the chart over time; empty for what suits the span. */
  interval: ReportInterval | "";
  /** What the chart over time draws: a currency or CONVERSIONS; empty for what there is most of. */
  measure: string;
  /** What a step of a path is. */
  stepsBy: AttributionDimension;
  /** Whether the same step several times in a row is one. */
  collapseRepeats: boolean;
  /** How many paths are listed. */
  pathCount: number;
  /** The orders of the other views' tables, as `sort`. */
  pathSort: string;
  conversionSort: string;
}

/** The part of a question that keeps all credit. */
export const ALL_CREDIT: Pick<Question, (typeof DRILL_DOWN)[number]["field"]> = {
  channels: [],
  sources: [],
  campaigns: [],
};

/** The part of a question that filters nothing; dates, models and windows are no filters. */
export const NO_FILTERS: typeof ALL_CREDIT & Pick<Question, "events" | "currencies" | "statuses"> = {
  ...ALL_CREDIT,
  events: [],
  currencies: [],
  statuses: ["CONFIRMED"],
};

/** What is asked before anybody has chosen: the last thirty days, in the person's own time zone. */
export function firstQuestion(timeZone = Intl.DateTimeFormat().resolvedOptions().timeZone): Question {
  const to = today(timeZone);
  return {
    view: "overview",
    from: daysAfter(to, 1 - FIRST_SPAN),
    to,
    timeZone,
    ...NO_FILTERS,
    models: ["LAST_TOUCH"],
    windowDays: 30,
    sourceWindows: [],
    excludeDirect: false,
    by: "CHANNEL",
    sort: "",
    interval: "",
    measure: "",
    stepsBy: "CHANNEL",
    collapseRepeats: true,
    pathCount: FIRST_PATHS,
    pathSort: "",
    conversionSort: "",
  };
}

/** Whether the view shows credit. Paths are whole journeys: no model, and no filter of credit, changes them. */
export function isAboutCredit({ view }: Question): boolean {
  return view !== "paths";
}

/** Whether credit is kept only for some, so that rows no longer add up to everything. */
export function keepsPart(question: Question): boolean {
  return DRILL_DOWN.some(({ field }) => question[field].length > 0);
}
