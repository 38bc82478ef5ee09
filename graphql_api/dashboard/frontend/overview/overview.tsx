// Who earned it: tiles, value over time, and the table to drill down.

import { useMemo } from "preact/hooks";

import { useAnswer, type Answer } from "../answer";
import type { ViewProps } from "../dashboard";
import type { Options } from "../options";
import { Panel } from "../panel";
import type { ReportModel } from "../graphql/graphql";
import { creditedTo, groupBy, reportModels, where, windows } from "../variables";
import { Breakdown } from "./breakdown";
import { timeAxis } from "./intervals";
import { NothingMatches } from "./nothing_matches";
import { OverTime } from "./over_time";
import "./overview.css";
import { BREAKDOWN, OVER_TIME } from "./queries";
import { Tiles } from "./tiles";

interface OverviewProps extends Omit<ViewProps, "options"> {
  /** Null while they are on their way: questions do not wait for them, what is shown does. */
  options: Options | null;
}

export function Overview({ question, options, change }: OverviewProps) {
  const axis = useMemo(() => timeAxis(question, options), [question, options]);
  const asked = useMemo(
    () => ({
      models: reportModels(question),
      ...windows(question),
      groupBy: groupBy(question),
      where: where(question),
      creditedTo: creditedTo(question),
    }),
    [question],
  );
  const breakdown = useAnswer(BREAKDOWN, asked);
  const overTime = useAnswer(
    OVER_TIME,
    axis && {
      ...asked,
      models: asked.models.slice(0, 1) as ReportModel[],
      interval: axis.interval,
      timeZone: question.timeZone,
    },
  );
  if (!options || !axis) {
    return (
      <>
        <Panel title="Over time" answer={WAITING} children={() => null} />
        <Panel title="Credit" answer={WAITING} children={() => null} />
      </>
    );
  }
  const report = breakdown.data?.attributionReport ?? null;
  const props = { question, options, change };
  if (report && !report.totals.length && !breakdown.isLoading && !breakdown.error) {
    return <NothingMatches change={change} />;
  }
  return (
    <>
      {!breakdown.error && <Tiles report={report} isLoading={breakdown.isLoading} question={question} options={options} />}
      <OverTime answer={overTime} axis={axis} {...props} />
      <Breakdown answer={breakdown} {...props} />
    </>
  );
}

const WAITING: Answer<null> = { data: null, error: null, isLoading: true, retry: () => undefined };
