// The journeys that ended in a conversion: which, how long, and how many days they took. Asked once for all three.

import { useAnswer } from "../answer";
import { NothingMatches } from "../nothing_matches";
import type { ViewProps } from "../navigation";
import { Panel } from "../panel";
import { ALL_CREDIT } from "../question";
import { where, windows } from "../variables";
import { PathControls } from "./controls";
import { LengthChart, TimeLagChart } from "./histograms";
import "./paths.css";
import { PATHS } from "./query";
import { PathTable } from "./table";

export function Paths({ question, change }: ViewProps) {
  const { stepsBy, collapseRepeats, pathCount } = question;
  const variables = {
    ...windows(question),
    by: stepsBy,
    collapseRepeats,
    first: pathCount,
    where: where(question),
  };
  const answer = useAnswer(PATHS, variables, question);
  const isEmpty = answer.data?.conversionPaths.lengths.every(({ conversions }) => conversions === 0);
  if (isEmpty) {
    return (
      <Panel title="Top paths" answer={answer}>
        {() => <NothingMatches question={{ ...question, ...ALL_CREDIT }} change={change} />}
      </Panel>
    );
  }
  return (
    <>
      <Panel title="Top paths" answer={answer} controls={<PathControls question={question} change={change} />}>
        {({ conversionPaths }) => <PathTable found={conversionPaths} question={answer.about} change={change} />}
      </Panel>
      <div class="paths-charts">
        <Panel title="Path length" answer={answer}>
          {({ conversionPaths }) => <LengthChart bins={conversionPaths.lengths} />}
        </Panel>
        <Panel title="Time lag" answer={answer}>
          {({ conversionPaths }) => <TimeLagChart bins={conversionPaths.daysToConvert} />}
        </Panel>
      </div>
    </>
  );
}
