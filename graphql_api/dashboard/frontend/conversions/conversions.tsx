// The conversions one by one, and why each was credited as it was.

import { useAnswer } from "../answer";
import type { ViewProps } from "../dashboard";
import { graphql } from "../graphql";
import { conversionModel, creditedTo, where, windows } from "../variables";

const CONVERSIONS = graphql(`
  query Conversions(
    $model: AttributionModel!
    $windowDays: Int!
    $sourceWindows: [SourceWindowInput!]!
    $excludeDirect: Boolean!
    $where: ConversionFilterInput!
    $creditedTo: CreditFilterInput
    $first: Int
    $after: String
  ) {
    attributedConversions(
      model: $model
      windowDays: $windowDays
      sourceWindows: $sourceWindows
      excludeDirect: $excludeDirect
      where: $where
      creditedTo: $creditedTo
      first: $first
      after: $after
    ) {
      totalCount
      edges {
        node {
          id
          event
          status
          occurredAt
          value {
            amount
            currency
          }
        }
      }
    }
  }
`);

export function Conversions({ question }: ViewProps) {
  const answer = useAnswer(CONVERSIONS, {
    model: conversionModel(question.models[0]!),
    ...windows(question),
    where: where(question),
    creditedTo: creditedTo(question),
    first: 25,
    after: null,
  });
  return <pre>{answer.error?.message ?? JSON.stringify(answer.data?.attributedConversions, null, 1)}</pre>;
}
