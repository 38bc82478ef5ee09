// The two questions of the overview: neither could be answered out of the other to the cent, since a report shares
// odd cents out within each interval.

import { graphql } from "../graphql";
import type { BreakdownQuery, OverTimeQuery } from "../graphql/graphql";

export const BREAKDOWN = graphql(`
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
      first: 100
    ) {
      rows {
        ...Cells
      }
      totals {
        currency
        conversions
        value {
          amount
        }
      }
    }
  }

  fragment Cells on AttributionReportRow {
    kind
    key {
      dimension
      value
    }
    currency
    results {
      conversions
      value {
        amount
      }
    }
  }
`);

export const OVER_TIME = graphql(`
  query OverTime(
    $models: [ReportModel!]!
    $windowDays: Int!
    $sourceWindows: [SourceWindowInput!]!
    $excludeDirect: Boolean!
    $groupBy: [AttributionDimension!]!
    $first: Int!
    $interval: ReportInterval!
    $timeZone: String!
    $where: ConversionFilterInput!
    $creditedTo: CreditFilterInput
  ) {
    attributionReport(
      models: $models
      windowDays: $windowDays
      sourceWindows: $sourceWindows
      excludeDirect: $excludeDirect
      groupBy: $groupBy
      interval: $interval
      timeZone: $timeZone
      where: $where
      creditedTo: $creditedTo
      first: $first
    ) {
      rows {
        ...Cells
        intervalStart
      }
      totals {
        currency
        conversions
      }
    }
  }
`);

export type Report = BreakdownQuery["attributionReport"];
export type Row = Report["rows"][number];
export type Total = Report["totals"][number];
export type TimeRow = OverTimeQuery["attributionReport"]["rows"][number];
