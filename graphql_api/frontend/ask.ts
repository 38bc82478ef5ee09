// Asks the GraphQL endpoint typed questions: what codegen made of a document goes in, its result comes out.

import { post, Refused, type Server } from "./server";

export interface Endpoint extends Server {
  graphqlUrl: string;
}

/** A document with the types of its result and variables, as graphql-codegen's client preset makes them. */
export interface TypedDocument<Result, Variables> {
  toString(): string;
  __apiType?: (variables: Variables) => Result;
}

interface Answer<Result> {
  data?: Result | null;
  errors?: { message: string; extensions?: { code?: string } }[];
}

/**
 * Ask, and return the data. Rejects with `Refused` (its `code` is the API's error code), `Unreachable`, or an
 * `AbortError`; the `errors` of a mutation's payload are data.
 */
export async function ask<Result, Variables>(
  endpoint: Endpoint,
  document: TypedDocument<Result, Variables>,
  variables: Variables,
  signal?: AbortSignal,
): Promise<Result> {
  const body = { query: document.toString(), variables };
  const answer = (await post(endpoint, endpoint.graphqlUrl, body, signal)) as Answer<Result>;
  const [error] = answer.errors ?? [];
  if (error || !answer.data) {
    throw new Refused(error?.message ?? "The answer was empty.", error?.extensions?.code ?? "EMPTY");
  }
  return answer.data;
}
