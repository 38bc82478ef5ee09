// The question that the page's address asks: how to read it, how to change parts of it, and links that do so.

import type { ComponentChildren } from "preact";
import { useCallback, useEffect, useRef, useState } from "preact/hooks";

import { fromSearch, toSearch } from "./address";
import type { Options } from "./options";
import type { Question } from "./question";

/** Ask with other parts; the rest stays. */
export type Change = (part: Partial<Question>) => void;

/** What every view of the page is given. */
export interface ViewProps {
  question: Question;
  options: Options;
  change: Change;
}

/** The question and how to change it. Back and forward lead through the changes. */
export function useQuestion(): [Question, Change] {
  const [question, setQuestion] = useState(() => fromSearch(location.search));
  const latest = useRef(question); // for changes that come late, as from a field that waits until typing ends
  const show = useCallback((next: Question) => {
    latest.current = next;
    setQuestion(next);
  }, []);
  useEffect(() => {
    const read = () => show(fromSearch(location.search));
    addEventListener("popstate", read);
    return () => removeEventListener("popstate", read);
  }, [show]);
  const change = useCallback(
    (part: Partial<Question>) => {
      const next = { ...latest.current, ...part };
      const search = toSearch(next);
      if (search !== toSearch(latest.current)) {
        history.pushState(null, "", location.pathname + search);
      }
      show(next);
    },
    [show],
  );
  return [question, change];
}

interface QuestionLinkProps {
  question: Question;
  /** What the link changes of it. */
  part: Partial<Question>;
  change: Change;
  class?: string;
  "aria-current"?: "page" | undefined;
  children: ComponentChildren;
}

/** A link to another question; it can be opened in a tab of its own or copied, as any link can. */
export function QuestionLink({ question, part, change, children, ...attributes }: QuestionLinkProps) {
  const follow = (event: MouseEvent) => {
    if (event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey) {
      event.preventDefault();
      change(part);
    }
  };
  return (
    <a href={location.pathname + toSearch({ ...question, ...part })} onClick={follow} {...attributes}>
      {children}
    </a>
  );
}
