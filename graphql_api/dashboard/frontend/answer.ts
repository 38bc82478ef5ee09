// The answer to a question, as a panel shows it: on its way, there, or missing for a reason.

import { useCallback, useEffect, useState } from "preact/hooks";

import { ask, type TypedDocument } from "../../frontend/ask";
import { begin } from "./activity";
import { useConfig } from "./config";

export interface Answer<Result, Question = unknown> {
  /** The last answer that came; while another one is on its way, still the one before. */
  data: Result | null;
  /** What the data is about: while another answer is on its way, still the question before. */
  about: Question;
  /** Why there is none; null while all is well. */
  error: Error | null;
  isLoading: boolean;
  /** Ask again. */
  retry: () => void;
}

/** What came last, on which attempt at which variables, and what the data is about. */
interface Settled<Result, Question> {
  attempt: string | null;
  data: Result | null;
  about: Question;
  error: Error | null;
}

/**
 * Ask whenever document or variables change, and give up the question before. Variables are compared by what they
 * say; null asks nothing. Questions that are not quick wait for those before them. `question` is what the variables
 * were made of, and more that is shown with the answer: it comes back beside the data that it led to.
 */
export function useAnswer<Result, Variables, Question = null>(
  document: TypedDocument<Result, Variables>,
  variables: Variables | null,
  question: Question,
  { isQuick = false } = {},
): Answer<Result, Question> {
  const config = useConfig();
  const nothing = { attempt: null, data: null, about: question, error: null };
  const [settled, setSettled] = useState<Settled<Result, Question>>(nothing);
  const [retries, setRetries] = useState(0);
  const attempt = `${retries} ${JSON.stringify(variables)}`;
  useEffect(() => {
    if (variables === null) {
      return;
    }
    const abort = new AbortController();
    const end = begin();
    const send = () => ask(config, document, variables, abort.signal);
    (isQuick ? send() : inTurn(send))
      .then(
        (data) => setSettled({ attempt, data, about: question, error: null }),
        (error: Error) => {
          if (!abort.signal.aborted) {
            setSettled((last) => ({ ...last, attempt, error }));
          }
        },
      )
      .finally(end);
    return () => abort.abort();
  }, [config, document, attempt]);
  const isLoading = variables !== null && settled.attempt !== attempt;
  return {
    data: settled.data,
    // What changes no variables is in force at once: it asks for nothing that has to come first.
    about: isLoading || settled.error ? settled.about : question,
    error: settled.error,
    isLoading,
    retry: useCallback(() => setRetries((number) => number + 1), []),
  };
}

let lastTurn: Promise<unknown> = Promise.resolve();

/**
 * Ask when the questions before have their answers. A server that counts for two at once in the threads of one process
 * needs longer for both than for one after the other, and this way something is seen sooner.
 */
function inTurn<Result>(send: () => Promise<Result>): Promise<Result> {
  const turn = lastTurn.then(send);
  lastTurn = turn.catch(() => undefined);
  return turn;
}
