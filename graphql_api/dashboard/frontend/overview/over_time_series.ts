// Rows of a report over time as the series of a chart: one for each key, with a number for every interval.

import type { Series } from "../chart";
import { SERIES_COLOURS } from "../colours";
import { dayOf, type Day } from "../days";
import { sum } from "../exact";
import type { Question } from "../question";
import { keyName } from "./keys";
import type { TimeRow } from "./queries";

export const CONVERSIONS = "CONVERSIONS";
/** What is drawn: conversions, or the value in one currency. Currencies are never added up. */
export type Measure = typeof CONVERSIONS | (string & {});

/** Of keys; what is left over and what nobody earned have colours of their own. */
export const MOST_KEYS = SERIES_COLOURS - 1;

/** The measures that an answer has, money before conversions, and of money what most conversions have first. */
export function measuresOf(totals: readonly { currency: string | null; conversions: number }[]): Measure[] {
  const byConversions = [...totals].sort((one, other) => other.conversions - one.conversions);
  return [...byConversions.flatMap(({ currency }) => currency ?? []), CONVERSIONS];
}

/** Series in the order of the rows' keys, without those that have nothing to show. */
export function seriesOf(
  rows: readonly TimeRow[],
  starts: readonly Day[],
  measure: Measure,
  question: Question,
  colours: Colours,
): Series[] {
  const cells = new Map<string, Map<Day, string[]>>();
  const special = new Map<string, string>();
  for (const row of rows) {
    const number = numberOf(row, measure);
    if (number && Number(number)) {
      const name = keyName(row, question);
      const day = dayOf(new Date(row.intervalStart!), question.timeZone);
      const days = cells.get(name) ?? cells.set(name, new Map()).get(name)!;
      days.set(day, [...(days.get(day) ?? []), number]);
      if (row.kind !== "ATTRIBUTED") {
        special.set(name, row.kind === "OTHER" ? "other" : "nobody");
      }
    }
  }
  const shown = colours.of([...cells.keys()].filter((name) => !special.has(name)));
  return [...cells].map(([name, days]) => ({
    name,
    values: starts.map((start) => sum(days.get(start) ?? ["0"])),
    colour: special.get(name) ?? String(shown.get(name)! + 1),
  }));
}

function numberOf({ currency, results: [result] }: TimeRow, measure: Measure): string | undefined {
  return measure === CONVERSIONS
    ? result?.conversions
    : currency === measure
      ? result?.value?.amount
      : undefined;
}

/** Gives every name a colour that it keeps for as long as it is shown, so that another model recolours nothing. */
export class Colours {
  private given = new Map<string, number>();

  of(names: readonly string[]): Map<string, number> {
    const kept = new Map([...this.given].filter(([name]) => names.includes(name)));
    const free = Array.from({ length: MOST_KEYS }, (_, place) => place).filter(
      (place) => ![...kept.values()].includes(place),
    );
    for (const name of names) {
      if (!kept.has(name)) {
        kept.set(name, free.shift() ?? kept.size % MOST_KEYS);
      }
    }
    this.given = kept;
    return kept;
  }
}
