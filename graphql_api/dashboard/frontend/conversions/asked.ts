// An answer together with what it answers. While the next one is on its way, what is shown is still the last, and
// whatever is said about it has to speak of the question it was given for.

import { useRef } from "preact/hooks";

import type { TypedDocument } from "../../../frontend/ask";
import { useAnswer, type Answer } from "../answer";

/** Ask as `useAnswer` does; `asked` is the value that was given when the question of `data` was put. */
export function useAskedAnswer<Result, Variables, Asked>(
  document: TypedDocument<Result, Variables>,
  variables: Variables | null,
  asked: Asked,
): Answer<Result> & { asked: Asked } {
  const answer = useAnswer(document, variables);
  const last = useRef({ data: answer.data, asked });
  if (last.current.data !== answer.data) {
    last.current = { data: answer.data, asked };
  }
  return { ...answer, asked: last.current.asked };
}
