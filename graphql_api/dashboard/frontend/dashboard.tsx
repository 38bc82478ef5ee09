// The whole page: what is asked on top, what is answered below. The question lives in the address.

import { useEffect, useState } from "preact/hooks";

import { fromSearch, toSearch } from "./address";
import { useAnswer } from "./answer";
import { Conversions } from "./conversions/conversions";
import { OPTIONS, type Options } from "./options";
import { Overview } from "./overview/overview";
import { Failure } from "./panel";
import { Paths } from "./paths/paths";
import type { Question } from "./question";

const NOTHING = {};

/** What every view of the page is given. */
export interface ViewProps {
  question: Question;
  options: Options;
  /** Ask with other parts; the rest stays. */
  change: (part: Partial<Question>) => void;
}

export function Dashboard() {
  const [question, change] = useQuestion();
  const options = useAnswer(OPTIONS, NOTHING);
  if (!options.data) {
    return options.error ? <Failure error={options.error} retry={options.retry} /> : <p role="status">Loading</p>;
  }
  const props: ViewProps = { question, options: options.data.reportOptions, change };
  return (
    <main>
      {question.view === "overview" && <Overview {...props} />}
      {question.view === "paths" && <Paths {...props} />}
      {question.view === "conversions" && <Conversions {...props} />}
    </main>
  );
}

/** The question that the address asks, and how to change parts of it; back and forward lead through the changes. */
function useQuestion(): [Question, (part: Partial<Question>) => void] {
  const [question, setQuestion] = useState(() => fromSearch(location.search));
  useEffect(() => {
    const read = () => setQuestion(fromSearch(location.search));
    addEventListener("popstate", read);
    return () => removeEventListener("popstate", read);
  }, []);
  const change = (part: Partial<Question>) => {
    const changed = { ...question, ...part };
    history.pushState(null, "", location.pathname + toSearch(changed));
    setQuestion(changed);
  };
  return [question, change];
}
