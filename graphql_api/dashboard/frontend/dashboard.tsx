// The whole page: what is asked on top, what is answered below. The question lives in the address.

import { useEffect, useState } from "preact/hooks";

import { fromSearch, toSearch } from "./address";
import { useAnswer } from "./answer";
import { OPTIONS } from "./options";
import type { Question } from "./question";
import { Overview } from "./overview/overview";
import { Paths } from "./paths/paths";
import { Conversions } from "./conversions/conversions";

const NOTHING = {};

export interface PanelProps {
  question: Question;
  options: import("./options").Options;
  change: (part: Partial<Question>) => void;
}

export function Dashboard() {
  const [question, change] = useQuestion();
  const options = useAnswer(OPTIONS, NOTHING);
  if (!options.data) {
    return <p>{options.error?.message ?? "Loading"}</p>;
  }
  const props: PanelProps = { question, options: options.data.reportOptions, change };
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
