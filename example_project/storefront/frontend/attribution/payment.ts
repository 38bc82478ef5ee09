// The payment as the browser sees it: the provider's return page carries a token that the shop's server has signed.

import { ask } from "../../../../graphql_api/frontend/ask";
import { config } from "../config";
import { graphql } from "../graphql";
import { refusedFor } from "./conversion";

const PAID = graphql(`
  mutation Paid($token: String!) {
    confirmConversion(input: { token: $token }) {
      errors {
        message
        code
        retryAfterSeconds
      }
    }
  }
`);

/**
 * Confirm a conversion with a token, and tell whether it is confirmed; doing so again is harmless. False for a token
 * that is not the server's, too old, or for nothing that can be confirmed. Rejects where the call may be repeated.
 */
export async function confirmPayment(token: string): Promise<boolean> {
  const { confirmConversion } = await ask(config, PAID, { token });
  const [error] = confirmConversion.errors;
  if (error && error.retryAfterSeconds !== null) {
    throw refusedFor(error);
  }
  return error === undefined;
}
