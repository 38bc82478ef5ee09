// What this view asks: a page of conversions, and of one conversion why it was credited and what led to it.

import { graphql } from "../graphql";
import type { ConversionsQuery, ExplanationQuery, JourneyQuery } from "../graphql/graphql";

export const CONVERSIONS = graphql(`
  query Conversions(
    $model: AttributionModel!
    $windowDays: Int!
    $sourceWindows: [SourceWindowInput!]!
    $excludeDirect: Boolean!
    $where: ConversionFilterInput!
    $creditedTo: CreditFilterInput
    $orderBy: [ConversionOrderInput!]!
    $first: Int
    $after: String
    $last: Int
    $before: String
  ) {
    attributedConversions(
      model: $model
      windowDays: $windowDays
      sourceWindows: $sourceWindows
      excludeDirect: $excludeDirect
      where: $where
      creditedTo: $creditedTo
      orderBy: $orderBy
      first: $first
      after: $after
      last: $last
      before: $before
    ) {
      totalCount
      pageInfo {
        hasNextPage
        hasPreviousPage
        startCursor
        endCursor
      }
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
        credits {
          ...Share
        }
      }
    }
  }

  fragment Share on AttributionCredit {
    channel
    source
    medium
    campaign
    weight
  }
`);

// All of a conversion's credit, whatever creditedTo keeps of it in the list: an explanation that hides who else earned
// would be none. `identified` tells an unknown visitor from one that the asking person may not see.
export const EXPLANATION = graphql(`
  query Explanation(
    $id: [ID!]!
    $model: AttributionModel!
    $windowDays: Int!
    $sourceWindows: [SourceWindowInput!]!
    $excludeDirect: Boolean!
  ) {
    attributedConversions(
      model: $model
      windowDays: $windowDays
      sourceWindows: $sourceWindows
      excludeDirect: $excludeDirect
      where: { id: $id, status: [] }
      first: 1
    ) {
      edges {
        node {
          confirmedAt
          customData
          recordedValue {
            amount
            currency
          }
          identity {
            isAnonymous
            firstSeenAt
          }
        }
        credits {
          ...Share
          campaignId
          term
          content
          referrer
          touchedAt
          value {
            amount
            currency
          }
          touchpoint {
            ...TouchDetails
          }
        }
      }
    }
    identified: attributedConversions(where: { id: $id, status: [], identified: true }, first: 0) {
      totalCount
    }
  }
`);

// Asked by itself: without the permission to view touches the answer is an error, and credit can be shown all the same.
// It knows nothing of models and windows, so that a change of those does not fetch it again.
export const JOURNEY = graphql(`
  query Journey($id: [ID!]!, $first: Int!) {
    attributedConversions(where: { id: $id, status: [] }, first: 1) {
      edges {
        node {
          identity {
            journey(first: $first) {
              ...TouchDetails
            }
          }
        }
      }
    }
  }

  fragment TouchDetails on Touchpoint {
    id
    occurredAt
    channel
    source
    medium
    campaign
    campaignId
    term
    content
    referrer
    landingUrl
    clickIds {
      parameter
      platform
      value
    }
  }
`);

export const MAX_JOURNEY = 200; // touches, as the API says

export type Edge = ConversionsQuery["attributedConversions"]["edges"][number];
export type Conversion = Edge["node"];
export type ListedCredit = Edge["credits"][number];
export type Explained = ExplanationQuery["attributedConversions"]["edges"][number];
export type Credit = Explained["credits"][number];
export type Touch = NonNullable<JourneyQuery["attributedConversions"]["edges"][number]["node"]["identity"]>["journey"][number];
