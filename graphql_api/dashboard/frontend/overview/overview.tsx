// Who earned it: tiles, value over time by channel, and the table to drill down.

import { useAnswer } from "../answer";
import type { ViewProps } from "../dashboard";
import { graphql } from "../graphql";
import { creditedTo, reportModels, where, windows } from "../variables";

const BREAKDOWN = graphql(`
  query Breakdown(
    $models: [ReportModel!]!
    $windowDays: Int!
    $sourceWindows: [SourceWindowInput!]!
    $excludeDirect: Boolean!
    $groupBy: [AttributionDimension!]!
    $where: ConversionFilterInput!
    $creditedTo: CreditFilterInput
  ) {
    attributionReport(
      models: $models
      windowDays: $windowDays
      sourceWindows: $sourceWindows
      excludeDirect: $excludeDirect
      groupBy: $groupBy
      where: $where
      creditedTo: $creditedTo
    ) {
      rows {
        kind
        key {
          dimension
          value
        }
        currency
        results {
          model
          conversions
          value {
            amount
            currency
          }
        }
      }
      totals {
        currency
        conversions
        value {
          amount
          currency
        }
      }
    }
  }
`);

export function Overview({ question }: ViewProps) {
  const answer = useAnswer(BREAKDOWN, {
    models: reportModels(question),
    ...windows(question),
    groupBy: [question.by],
    where: where(question),
    creditedTo: creditedTo(question),
  });
  return <pre>{answer.error?.message ?? JSON.stringify(answer.data?.attributionReport.rows, null, 1)}</pre>;
}
