// Sums over the rows of a report, exact, and within a currency wherever it is about money.

import { minus, share, sum } from "../exact";
import type { CreditKind } from "../graphql/graphql";
import type { Report, Row } from "./queries";

/** What one model credits in some rows. */
export interface Credit {
  conversions: string;
  /** Null where none of the rows has a value. */
  value: string | null;
}

/** What a model, by its place, credits in these rows; rows of several currencies have no value together. */
export function credited(rows: readonly Row[], place: number): Credit {
  const results = rows.map((row) => row.results[place]!);
  const values = results.flatMap(({ value }) => value?.amount ?? []);
  const isOneCurrency = new Set(rows.map(({ currency }) => currency)).size === 1;
  return {
    conversions: sum(results.map(({ conversions }) => conversions)),
    value: isOneCurrency && values.length ? sum(values) : null,
  };
}

export function ofCurrency<Part extends { currency: string | null }>(parts: readonly Part[], currency: string | null) {
  return parts.filter((part) => part.currency === currency);
}

function ofKind(rows: readonly Row[], kind: CreditKind): Row[] {
  return rows.filter((row) => row.kind === kind);
}

/** All conversions that were selected, whoever earned them. */
export function allConversions({ totals }: Report): string {
  return String(totals.reduce((number, total) => number + total.conversions, 0));
}

/** The share of conversions that somebody earned, under the first model; only where all credit is kept. */
export function attributedShare(report: Report): number {
  const all = allConversions(report);
  const { conversions } = credited(ofKind(report.rows, "UNATTRIBUTED"), 0);
  return share(minus(all, conversions), all);
}
