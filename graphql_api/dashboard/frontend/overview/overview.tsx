// Who earned it: tiles, value over time, and the table to drill down.

import { useMemo } from "preact/hooks";

import { useAnswer, type Answer } from "../answer";
import type { ViewProps } from "../navigation";
import { NothingMatches } from "../nothing_matches";
import type { Options } from "../options";
import { Panel } from "../panel";
import type { Question } from "../question";
import { creditedTo, groupBy, reportModels, where, windows } from "../variables";
import { Breakdown } from "./breakdown";
import { timeAxis } from "./intervals";
import { OverTime } from "./over_time";
import { MOST_KEYS } from "./over_time_series";
import "./overview.css";
import { BREAKDOWN, OVER_TIME } from "./queries";
import { Tiles } from "./tiles";

interface OverviewProps extends Omit<ViewProps, "options"> {
  /** Null while they are on their way: questions do not wait for them, what is shown does. */
  options: Options | null;
}

export function Overview({ question, options, change }: OverviewProps) {
  const { timeZone } = question;
  // It takes the options to know the span that all data has, and so the interval.
  const interval = options || (question.from && question.to) ? timeAxis(question, options).interval : null;
  const everyModel = useMemo(() => variables(question), [question]);
  const firstModel = useMemo(() => variables({ ...question, models: question.models.slice(0, 1) }), [question]);
  const breakdown = useAnswer(BREAKDOWN, everyModel, question);
  const overTime = useAnswer(OVER_TIME, interval && { ...firstModel, interval, timeZone, first: MOST_KEYS }, question);
  if (!options) {
    return (
      <>
        <Panel title="Over time" answer={WAITING} children={() => null} />
        <Panel title="Credit" answer={WAITING} children={() => null} />
      </>
    );
  }
  const report = breakdown.data?.attributionReport ?? null;
  const props = { question, options, change };
  if (report && !report.totals.length && !breakdown.error) {
    return (
      <Panel title="Credit" answer={breakdown}>
        {() => <NothingMatches question={question} change={change} />}
      </Panel>
    );
  }
  return (
    <>
      {!breakdown.error && (
        <Tiles report={report} isLoading={breakdown.isLoading} question={breakdown.about} options={options} />
      )}
      <OverTime answer={overTime} {...props} />
      <Breakdown answer={breakdown} {...props} />
    </>
  );
}

/** What both questions say. */
function variables(question: Question) {
  return {
    models: reportModels(question),
    ...windows(question),
    groupBy: groupBy(question),
    where: where(question),
    creditedTo: creditedTo(question),
  };
}

const WAITING: Answer<null, null> = { data: null, about: null, error: null, isLoading: true, retry: () => undefined };
