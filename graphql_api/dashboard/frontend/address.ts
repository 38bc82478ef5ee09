// How the page's address says a question. It names only what differs from the first question, so that addresses stay
// short, and whoever edits one by hand gets what can be used of it.

import { isDay } from "./days";
import type { AttributionDimension, ConversionStatus, ReportInterval } from "./graphql/graphql";
import {
  DIMENSIONS,
  INTERVALS,
  MAX_MODELS,
  MAX_PATHS,
  MAX_SOURCE_WINDOWS,
  MAX_VALUES,
  MAX_WINDOW_DAYS,
  STATUSES,
  STEP_DIMENSIONS,
  VIEWS,
  firstQuestion,
  type Question,
  type SourceWindow,
  type View,
} from "./question";

const LISTS = {
  events: "event",
  currencies: "currency",
  channels: "channel",
  sources: "source",
  campaigns: "campaign",
} as const;
type ListField = keyof typeof LISTS;
const ALL_STATUSES = "all";
const WINDOW = { least: 0, most: MAX_WINDOW_DAYS }; // days

/** Read the question out of an address's query string. */
export function fromSearch(search: string): Question {
  const params = new URLSearchParams(search);
  const first = firstQuestion(timeZoneOf(params.get("tz")));
  const models = unique(params.getAll("model").map((name) => name.toUpperCase())).slice(0, MAX_MODELS);
  const list = (name: string) => unique(params.getAll(name)).slice(0, MAX_VALUES);
  const from = dayFrom(params.get("from")) ?? first.from;
  const to = dayFrom(params.get("to")) ?? first.to;
  return {
    ...first,
    events: list(LISTS.events),
    currencies: list(LISTS.currencies),
    channels: list(LISTS.channels),
    sources: list(LISTS.sources),
    campaigns: list(LISTS.campaigns),
    view: oneOf<View>(VIEWS, params.get("view")) ?? first.view,
    ...(from && to && from > to ? {} : { from, to }),
    statuses: statusesFrom(params.getAll("status")) ?? first.statuses,
    models: models.length ? models : first.models,
    windowDays: numberFrom(params.get("window"), WINDOW) ?? first.windowDays,
    sourceWindows: sourceWindowsFrom(params.getAll("source_window")),
    excludeDirect: params.get("exclude_direct") === "1",
    by: oneOf<AttributionDimension>(DIMENSIONS, params.get("by")?.toUpperCase()) ?? first.by,
    sort: params.get("sort")?.toUpperCase() ?? first.sort,
    interval: oneOf<ReportInterval>(INTERVALS, params.get("interval")?.toUpperCase()) ?? first.interval,
    measure: params.get("measure")?.toUpperCase() ?? first.measure,
    stepsBy: oneOf<AttributionDimension>(STEP_DIMENSIONS, params.get("steps")?.toUpperCase()) ?? first.stepsBy,
    collapseRepeats: params.get("repeats") !== "1",
    pathCount: numberFrom(params.get("paths"), { least: 1, most: MAX_PATHS }) ?? first.pathCount,
    pathSort: params.get("paths_sort")?.toUpperCase() ?? first.pathSort,
    conversionSort: params.get("conversions_sort")?.toUpperCase() ?? first.conversionSort,
  };
}

/** Write a question as a query string, with its question mark; empty for the first question. */
export function toSearch(question: Question): string {
  const first = firstQuestion();
  const params = new URLSearchParams();
  const say = (name: string, value: string, usual: string) => {
    if (value !== usual) {
      params.append(name, value);
    }
  };
  say("view", question.view, first.view);
  say("tz", question.timeZone, first.timeZone);
  const sameDays = firstQuestion(question.timeZone);
  say("from", question.from || "any", sameDays.from);
  say("to", question.to || "any", sameDays.to);
  for (const [field, name] of Object.entries(LISTS) as [ListField, string][]) {
    question[field].forEach((value) => params.append(name, value));
  }
  if (question.statuses.join() !== first.statuses.join()) {
    const named: string[] = question.statuses.length ? question.statuses : [ALL_STATUSES];
    named.forEach((status) => params.append("status", status.toLowerCase()));
  }
  if (question.models.join() !== first.models.join()) {
    question.models.forEach((model) => params.append("model", model.toLowerCase()));
  }
  say("window", String(question.windowDays), String(first.windowDays));
  question.sourceWindows.forEach(({ source, days }) => params.append("source_window", `${source}=${days}`));
  say("exclude_direct", question.excludeDirect ? "1" : "", "");
  say("by", question.by.toLowerCase(), first.by.toLowerCase());
  say("sort", question.sort.toLowerCase(), first.sort);
  say("interval", question.interval.toLowerCase(), first.interval);
  say("measure", question.measure.toLowerCase(), first.measure);
  say("steps", question.stepsBy.toLowerCase(), first.stepsBy.toLowerCase());
  say("repeats", question.collapseRepeats ? "" : "1", "");
  say("paths", String(question.pathCount), String(first.pathCount));
  say("paths_sort", question.pathSort.toLowerCase(), first.pathSort);
  say("conversions_sort", question.conversionSort.toLowerCase(), first.conversionSort);
  const search = params.toString();
  return search && `?${search}`;
}

/** A day, or the empty text for `any`; null for what is neither. */
function dayFrom(text: string | null): string | null {
  return text === "any" ? "" : text !== null && isDay(text) ? text : null;
}

/** States; none for `all`, and null where nothing can be used. */
function statusesFrom(texts: string[]): ConversionStatus[] | null {
  const names = texts.map((text) => text.toLowerCase());
  const known = STATUSES.filter((status) => names.includes(status.toLowerCase()));
  return names.includes(ALL_STATUSES) ? [] : known.length ? known : null;
}

function numberFrom(text: string | null | undefined, { least, most }: { least: number; most: number }): number | null {
  const number = text && /^\d{1,4}$/.test(text) ? Number(text) : NaN;
  return number >= least && number <= most ? number : null;
}

function sourceWindowsFrom(texts: string[]): SourceWindow[] {
  const windows = new Map<string, number>();
  for (const text of texts) {
    const [, source = "", days] = /^(.+)=(\d+)$/.exec(text) ?? [];
    const found = numberFrom(days, WINDOW);
    if (found !== null && source.trim()) {
      windows.set(source.trim().toLowerCase(), found);
    }
  }
  return [...windows].slice(0, MAX_SOURCE_WINDOWS).map(([source, days]) => ({ source, days }));
}

function timeZoneOf(name: string | null): string | undefined {
  try {
    // Browsers take offsets such as +05:30 for zones; the server does not.
    return name && !/^[+-]/.test(name) ? new Intl.DateTimeFormat("en", { timeZone: name }).resolvedOptions().timeZone : undefined;
  } catch (error) {
    if (error instanceof RangeError) {
      return undefined; // no such zone
    }
    throw error;
  }
}

function oneOf<Name extends string>(names: readonly Name[], name: string | null | undefined): Name | undefined {
  return names.find((known) => known === name);
}

function unique(values: string[]): string[] {
  return [...new Set(values.filter(Boolean))];
}
