// The journeys that ended in a conversion: which, how long, and how many days they took.

import { useAnswer } from "../answer";
import type { ViewProps } from "../dashboard";
import { graphql } from "../graphql";
import { where, windows } from "../variables";

const PATHS = graphql(`
  query Paths(
    $windowDays: Int!
    $sourceWindows: [SourceWindowInput!]!
    $excludeDirect: Boolean!
    $collapseRepeats: Boolean!
    $by: AttributionDimension!
    $where: ConversionFilterInput!
  ) {
    conversionPaths(
      windowDays: $windowDays
      sourceWindows: $sourceWindows
      excludeDirect: $excludeDirect
      collapseRepeats: $collapseRepeats
      by: $by
      where: $where
      first: 20
    ) {
      paths {
        steps
        conversions
        values {
          amount
          currency
        }
        averageDaysToConvert
      }
      lengths {
        from
        to
        conversions
      }
      daysToConvert {
        from
        to
        conversions
      }
      truncated
    }
  }
`);

export function Paths({ question }: ViewProps) {
  const answer = useAnswer(PATHS, {
    ...windows(question),
    collapseRepeats: true,
    by: "CHANNEL",
    where: where(question),
  });
  return <pre>{JSON.stringify(answer.data)}</pre>;
}
