// When it was earned, and by whom: bars over days, weeks or months, under the first model.

import { useMemo, useRef } from "preact/hooks";

import type { Answer } from "../answer";
import { BarChart } from "../chart";
import * as format from "../format";
import type { OverTimeQuery, ReportInterval } from "../graphql/graphql";
import type { ViewProps } from "../navigation";
import { modelNamed } from "../options";
import { Empty, Panel } from "../panel";
import type { Question } from "../question";
import { Segmented } from "../segmented";
import { timeAxis } from "./intervals";
import { Colours, CONVERSIONS, measuresOf, seriesOf } from "./over_time_series";
import { remedy } from "./remedy";

const INTERVAL_NAMES: Record<ReportInterval, string> = { DAY: "Day", WEEK: "Week", MONTH: "Month" };
const LABEL_NAMES: Record<ReportInterval, string> = { DAY: "Day", WEEK: "Week from", MONTH: "Month" };

interface OverTimeProps extends ViewProps {
  answer: Answer<OverTimeQuery, Question>;
}

export function OverTime({ question, options, change, answer }: OverTimeProps) {
  const answered = answer.about;
  const colours = useRef(new Colours());
  const measures = measuresOf(answer.data?.attributionReport.totals ?? []);
  const measure = measures.find((known) => known === question.measure) ?? measures[0]!;
  // Before there is an answer: where money was ever earned, it will be about money.
  const isMoney = answer.data ? measure !== CONVERSIONS : options.currencies.length > 0;
  const what = isMoney ? `Revenue in ${measure}` : "Conversions";
  const dimension = format.DIMENSION_NAMES[question.by].toLowerCase();
  const title = `${isMoney ? "Revenue" : "Conversions"} over time by ${dimension}`;
  const { possible, interval } = timeAxis(question, options);
  const axis = useMemo(() => timeAxis(answered, options), [answered, options]);
  const controls = (
    <>
      {measures.length > 1 && (
        <Segmented
          label="What is drawn"
          choices={measures.map((known) => [known, known === CONVERSIONS ? "Conversions" : known])}
          chosen={measure}
          choose={(measure) => change({ measure })}
        />
      )}
      <Segmented
        label="Interval"
        choices={possible.map((known) => [known, INTERVAL_NAMES[known]])}
        chosen={interval}
        choose={(chosen) => change({ interval: chosen })}
      />
    </>
  );
  return (
    <Panel title={title} answer={answer} controls={controls} remedy={remedy(question, change)}>
      {({ attributionReport: { rows } }) => {
        const series = seriesOf(rows, axis.starts, measure, answered, colours.current);
        const { label, additive } = modelNamed(options, answered.models[0]!);
        return series.length ? (
          <>
            <BarChart
              caption={`${what} by ${format.DIMENSION_NAMES[answered.by].toLowerCase()}, ${label}`}
              labelName={LABEL_NAMES[axis.interval]}
              labels={axis.labels}
              series={series}
              format={isMoney ? (value) => format.money(value, measure) : format.conversions}
              formatAxis={isMoney ? (value) => format.shortMoney(value, measure) : format.shortNumber}
            />
            {!additive && <p class="note">{label} never adds up: the same conversion stands in several colours.</p>}
          </>
        ) : (
          <Empty>No credit to draw in this period.</Empty>
        );
      }}
    </Panel>
  );
}
