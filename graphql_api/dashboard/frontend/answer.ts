// The answer to a question, as a panel shows it: on its way, there, or missing for a reason.

import { useEffect, useState } from "preact/hooks";

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

/**
 * Ask whenever document or variables change, and give up the question before. Variables are compared by what they
 * say; null asks nothing.
 */
export function useAnswer<Result, Variables>(
  document: TypedDocument<Result, Variables>,
  variables: Variables | null,
): Answer<Result> {
  const config = useConfig();
  const [state, setState] = useState<Omit<Answer<Result>, "retry">>({ data: null, error: null, isLoading: true });
  const [attempt, setAttempt] = useState(0);
  const asked = JSON.stringify(variables);
  useEffect(() => {
    if (variables === null) {
      setState((last) => ({ ...last, error: null, isLoading: false }));
      return;
    }
    const abort = new AbortController();
    const end = begin();
    setState((last) => ({ ...last, isLoading: true }));
    ask(config, document, variables, abort.signal)
      .then(
        (data) => setState({ data, error: null, isLoading: false }),
        (error: Error) => {
          if (!abort.signal.aborted) {
            setState((last) => ({ ...last, error, isLoading: false }));
          }
        },
      )
      .finally(end);
    return () => abort.abort();
  }, [config, document, asked, attempt]);
  return { ...state, retry: () => setAttempt(attempt + 1) };
}
