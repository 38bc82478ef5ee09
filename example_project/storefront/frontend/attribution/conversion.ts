// A conversion as the browser sees it: a claim, which counts once the server, or a payment, has confirmed it.

import { ask } from "../../../../graphql_api/frontend/ask";
import { Refused } from "../../../../graphql_api/frontend/server";
import { config } from "../config";
import { graphql } from "../graphql";
import type { RecordConversionInput } from "../graphql/graphql";
import { tellLandings } from "./landing";

const CONVERTED = graphql(`
  mutation Converted($input: RecordConversionInput!) {
    recordConversion(input: $input) {
      errors {
        message
        code
        retryAfterSeconds
      }
    }
  }
`);

/** Record a conversion. Rejects as `ask` does, and with `Refused` for what the answer's errors say. */
export async function recordConversion(input: RecordConversionInput, signal?: AbortSignal): Promise<void> {
  await tellLandings(signal);
  const { recordConversion } = await ask(config, CONVERTED, { input }, signal);
  const [error] = recordConversion.errors;
  if (error) {
    throw refusedFor(error);
  }
}

/** Return an error of a mutation's payload as it is thrown: whoever may repeat the call is told when. */
export function refusedFor(error: { message: string; code: string; retryAfterSeconds: number | null }): Refused {
  const wait = error.retryAfterSeconds;
  return new Refused(
    wait === null ? error.message : `The shop is too busy right now. Try again in ${wait} seconds.`,
    error.code,
  );
}
