// The answer to a question, as a panel shows it: on its way, there, or missing for a reason.

import { useCallback, useEffect, useRef, useState } from "preact/hooks";

import { ask, type TypedDocument } from "../../frontend/ask";
import { begin } from "./activity";
import { useConfig } from "./config";

export interface Answer<Result> {
  /** The last answer that came; while another one is on its way, still the one before. */
  data: Result | null;
  /** Why there is none; null while all is well. */
  error: Error | null;
  isLoading: boolean;
  /** Ask again. */
  retry: () => void;
}

/** What came last, and on which attempt at which variables. */
interface Settled<Result> {
  attempt: string | null;
  data: Result | null;
  error: Error | null;
}

/**
 * Ask whenever document or variables change, and give up the question before. Variables are compared by what they
 * say; null asks nothing. Questions that are not quick wait for those before them.
 */
export function useAnswer<Result, Variables>(
  document: TypedDocument<Result, Variables>,
  variables: Variables | null,
  { isQuick = false } = {},
): Answer<Result> {
  const config = useConfig();
  const [settled, setSettled] = useState<Settled<Result>>({ attempt: null, data: null, error: null });
  const [retries, setRetries] = useState(0);
  const attempt = `${retries} ${JSON.stringify(variables)}`;
  useEffect(() => {
    if (variables === null) {
      return;
    }
    const abort = new AbortController();
    const end = begin();
    const question = () => ask(config, document, variables, abort.signal);
    (isQuick ? question() : inTurn(question))
      .then(
        (data) => setSettled({ attempt, data, error: null }),
        (error: Error) => {
          if (!abort.signal.aborted) {
            setSettled(({ data }) => ({ attempt, data, error }));
          }
        },
      )
      .finally(end);
    return () => abort.abort();
  }, [config, document, attempt]);
  return {
    data: settled.data,
    error: settled.error,
    isLoading: variables !== null && settled.attempt !== attempt,
    retry: useCallback(() => setRetries((number) => number + 1), []),
  };
}

let lastTurn: Promise<unknown> = Promise.resolve();

/**
 * Ask when the questions before have their answers. A server that counts for two at once in the threads of one process
 * needs longer for both than for one after the other, and this way something is seen sooner.
 */
function inTurn<Result>(question: () => Promise<Result>): Promise<Result> {
  const turn = lastTurn.then(question);
  lastTurn = turn.catch(() => undefined);
  return turn;
}

/** The question that an answer's data is about: while another one is on its way, still the one before. */
export function useAnswered<Question>(answer: Answer<unknown>, question: Question): Question {
  const answered = useRef(question);
  if (!answer.isLoading && !answer.error) {
    answered.current = question;
  }
  return answered.current;
}
