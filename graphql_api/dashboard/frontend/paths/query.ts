// What this view asks.

import { graphql } from "../graphql";
import type { PathsQuery } from "../graphql/graphql";

export const PATHS = graphql(`
  query Paths(
    $windowDays: Int!
    $sourceWindows: [SourceWindowInput!]!
    $excludeDirect: Boolean!
    $collapseRepeats: Boolean!
    $by: AttributionDimension!
    $where: ConversionFilterInput!
    $first: Int!
  ) {
    conversionPaths(
      windowDays: $windowDays
      sourceWindows: $sourceWindows
      excludeDirect: $excludeDirect
      collapseRepeats: $collapseRepeats
      by: $by
      where: $where
      first: $first
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

export type FoundPaths = PathsQuery["conversionPaths"];
export type Path = FoundPaths["paths"][number];
export type Bin = FoundPaths["lengths"][number];
