// What the storefront tells attribution: where the visitor came from, what they did, and that it was paid for.

import { graphql } from "./graphql";

export const LANDED = graphql(`
  mutation Landed($input: RecordTouchpointInput!) {
    recordTouchpoint(input: $input) {
      recorded
      errors {
        message
        code
      }
    }
  }
`);

export const CONVERTED = graphql(`
  mutation Converted($input: RecordConversionInput!) {
    recordConversion(input: $input) {
      conversion {
        id
        status
      }
      errors {
        field
        message
        code
        retryAfterSeconds
      }
    }
  }
`);

export const PAID = graphql(`
  mutation Paid($token: String!) {
    confirmConversion(input: { token: $token }) {
      conversion {
        id
        status
      }
      errors {
        message
        code
        retryAfterSeconds
      }
    }
  }
`);
