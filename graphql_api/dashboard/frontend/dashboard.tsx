// The whole page: what is asked on top, what is answered below. The question lives in the address.

import { useEffect, useErrorBoundary } from "preact/hooks";

import { Activity } from "./activity";
import { useAnswer } from "./answer";
import { Conversions } from "./conversions/conversions";
import { Filters } from "./filters/filters";
import { QuestionLink, useQuestion, type ViewProps } from "./navigation";
import { NoConversions } from "./no_conversions";
import { OPTIONS, usable, type Options } from "./options";
import { Overview } from "./overview/overview";
import { Failure } from "./panel";
import { Paths } from "./paths/paths";
import { VIEWS, type View } from "./question";
import { Served, type ServedParts } from "./served";

const NOTHING = {};
const TITLE = document.title; // a site may have its own
const VIEW_NAMES: Record<View, string> = { overview: "Overview", paths: "Paths", conversions: "Conversions" };

export function Dashboard(parts: ServedParts) {
  const [asked, change] = useQuestion();
  const answer = useAnswer(OPTIONS, NOTHING, null, { isQuick: true });
  const options = answer.data?.reportOptions ?? null;
  const question = options ? usable(asked, options) : asked;
  const name = VIEW_NAMES[question.view];
  useEffect(() => {
    document.title = `${name} · ${TITLE}`;
  }, [name]);
  return (
    <>
      <a class="skip" href="#report">
        Skip to the report
      </a>
      <Head question={question} change={change} {...parts} />
      <main id="report" tabIndex={-1}>
        <h1 class="visually-hidden">{name}</h1>
        {answer.error ? (
          <Failure error={answer.error} retry={answer.retry} />
        ) : options && !options.firstConversionAt ? (
          <NoConversions />
        ) : (
          <>
            <Filters question={question} options={options} change={change} />
            <CurrentView question={question} options={options} change={change} />
          </>
        )}
      </main>
      <Activity />
    </>
  );
}

function Head({ question, change, brand, account }: Pick<ViewProps, "question" | "change"> & ServedParts) {
  return (
    <header class="page-head">
      <div class="page-head-row">
        <Served element={brand} />
        <nav class="views" aria-label="Views">
          {VIEWS.map((view) => (
            <QuestionLink
              key={view}
              question={question}
              part={{ view }}
              change={change}
              aria-current={view === question.view ? "page" : undefined}
            >
              {VIEW_NAMES[view]}
            </QuestionLink>
          ))}
        </nav>
        <Served element={account} />
      </div>
    </header>
  );
}

/** The overview asks before it is known what there is to choose from, so that numbers come sooner. */
function CurrentView({ options, ...props }: Omit<ViewProps, "options"> & { options: Options | null }) {
  const { view } = props.question;
  const [error, reset] = useErrorBoundary();
  useEffect(() => reset(), [props.question]);
  if (error) {
    return <Failure error={error} retry={reset} />;
  }
  if (view === "overview") {
    return <Overview options={options} {...props} />;
  }
  if (!options) {
    return <p class="note">Loading</p>;
  }
  return view === "paths" ? <Paths options={options} {...props} /> : <Conversions options={options} {...props} />;
}
