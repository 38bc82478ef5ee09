// A question in the words of the API, and in those of the CSV's address.

import { daysAfter, startOf } from "./days";
import type {
  AttributionDimension,
  AttributionModel,
  ConversionFilterInput,
  CreditFilterInput,
  ReportModel,
  SourceWindowInput,
} from "./graphql/graphql";
import { DRILL_DOWN, STATUSES, keepsPart, type Question } from "./question";

/** Which conversions are asked about. */
export function where(question: Question): ConversionFilterInput {
  const { from, to, timeZone } = question;
  return {
    status: question.statuses,
    ...(question.events.length && { event: question.events }),
    ...(question.currencies.length && { currency: question.currencies }),
    ...((from || to) && {
      occurred: {
        after: from ? startOf(from, timeZone).toISOString() : null,
        before: to ? startOf(daysAfter(to, 1), timeZone).toISOString() : null,
      },
    }),
  };
}

/** Which credit is kept; null for all of it. */
export function creditedTo(question: Question): CreditFilterInput | null {
  if (!keepsPart(question)) {
    return null;
  }
  const { channels, sources, campaigns } = question;
  return {
    ...(channels.length && { channel: channels }),
    ...(sources.length && { source: sources }),
    ...(campaigns.length && { campaign: campaigns }),
  };
}

/**
 * What makes a key of the table, the dimension of its rows last.
 *
 * Markov credits keys and not touches, so credit can only be kept by dimensions that make them.
 */
export function groupBy(question: Question): AttributionDimension[] {
  const kept = DRILL_DOWN.filter(({ field }) => question[field].length).map(({ dimension }) => dimension);
  const others = kept.filter((dimension) => dimension !== question.by);
  return question.models.includes("MARKOV") ? [...others, question.by] : [question.by];
}

/** The look-back windows: what every question about credit has in common. */
export function windows(question: Question): {
  windowDays: number;
  sourceWindows: SourceWindowInput[];
  excludeDirect: boolean;
} {
  const { windowDays, sourceWindows, excludeDirect } = question;
  return { windowDays, sourceWindows, excludeDirect };
}

/** Names of models as the API's enum has them; which those are, `reportOptions` tells, so types cannot. */
export function reportModels(question: Question): ReportModel[] {
  return question.models as ReportModel[];
}

/** The model for single conversions; the server refuses one that answers only in reports. */
export function conversionModel(name: string): AttributionModel {
  return name as AttributionModel;
}

/** The query string of the CSV that holds the table's rows. */
export function csvSearch(question: Question): string {
  const params = new URLSearchParams();
  const add = (name: string, values: readonly string[]) => values.forEach((value) => params.append(name, value));
  add("models", question.models.map((name) => name.toLowerCase()));
  add("by", groupBy(question).map((dimension) => dimension.toLowerCase()));
  add("tz", [question.timeZone]);
  add("window_days", [String(question.windowDays)]);
  const windows = question.sourceWindows.map(({ source, days }) => `${source}=${days}`);
  add("source_windows", windows.length ? [windows.join("\n")] : []);
  add("exclude_direct", question.excludeDirect ? ["on"] : []);
  const kept = DRILL_DOWN.flatMap(({ dimension, field }) =>
    question[field].map((value) => `${dimension.toLowerCase()}=${value}`),
  );
  add("credited_to", kept.length ? [kept.join("\n")] : []);
  add("occurred_after", question.from ? [question.from] : []);
  add("occurred_before", question.to ? [daysAfter(question.to, 1)] : []);
  add("event", question.events);
  add("currency", question.currencies);
  add("status", (question.statuses.length ? question.statuses : STATUSES).map((status) => status.toLowerCase()));
  return `?${params}`;
}
