// Who earned how much under each model, by any dimension, and the way into each key.

import { useState } from "preact/hooks";

import type { Answer } from "../answer";
import { useConfig } from "../config";
import * as format from "../format";
import type { AttributionDimension, BreakdownQuery } from "../graphql/graphql";
import type { ViewProps } from "../navigation";
import { modelNamed } from "../options";
import { Empty, Panel } from "../panel";
import { DIMENSIONS, NO_FILTERS, type Question } from "../question";
import { csvSearch } from "../variables";
import { BreakdownTable } from "./breakdown_table";
import { Crumbs } from "./drill_down";
import { keyName } from "./keys";
import type { Report } from "./queries";
import { remedy } from "./remedy";
import { sorted, type Group } from "./sorting";

const SHOWN = 25; // keys at first

interface BreakdownProps extends ViewProps {
  answer: Answer<BreakdownQuery, Question>;
}

export function Breakdown({ question, options, change, answer }: BreakdownProps) {
  const config = useConfig();
  const answered = answer.about;
  const controls = (
    <>
      <label class="field is-inline">
        <span class="field-name">Break down by</span>
        <select
          value={question.by}
          onChange={({ currentTarget }) => change({ by: currentTarget.value as AttributionDimension })}
        >
          {DIMENSIONS.map((dimension) => (
            <option key={dimension} value={dimension}>
              {format.DIMENSION_NAMES[dimension]}
            </option>
          ))}
        </select>
      </label>
      <a class="button" href={config.csvUrl + csvSearch(question)} download>
        Download CSV
      </a>
    </>
  );
  const title = `Credit by ${format.DIMENSION_NAMES[question.by].toLowerCase()}`;
  return (
    <Panel title={title} answer={answer} controls={controls} remedy={remedy(question, change)}>
      {({ attributionReport: report }) => (
        <>
          <Crumbs question={answered} change={change} />
          <Rows question={answered} options={options} change={change} report={report} />
        </>
      )}
    </Panel>
  );
}

function Rows({ question, options, change, report }: Omit<BreakdownProps, "answer"> & { report: Report }) {
  const [isWhole, setIsWhole] = useState(false);
  if (!report.rows.length) {
    return (
      <Empty>
        <p>No credit went to what is filtered.</p>
        <button type="button" class="button" onClick={() => change(NO_FILTERS)}>
          Clear the filters
        </button>
      </Empty>
    );
  }
  const groups = sorted(groupsOf(report, question), question, report.totals);
  const keyed = groups.filter(({ kind }) => kind === "ATTRIBUTED");
  const hidden = isWhole ? [] : keyed.slice(SHOWN);
  return (
    <>
      <BreakdownTable
        question={question}
        options={options}
        change={change}
        report={report}
        groups={groups.filter((group) => !hidden.includes(group))}
      />
      {hidden.length > 0 && (
        <p>
          <button type="button" class="button" onClick={() => setIsWhole(true)}>
            Show all {format.count(keyed.length)} {format.DIMENSION_PLURALS[question.by]}
          </button>
        </p>
      )}
      {groups.some(({ kind }) => kind === "OTHER") && (
        <p class="note">
          These are the {format.count(keyed.length)} {format.DIMENSION_PLURALS[question.by]} with most conversions
          under {modelNamed(options, question.models[0]!).label}. The CSV has every one.
        </p>
      )}
    </>
  );
}

/** The rows of each key together, one for each currency. */
function groupsOf({ rows }: Report, question: Question): Group[] {
  const groups = new Map<string, Group>();
  for (const row of rows) {
    const id = JSON.stringify([row.kind, row.key.map(({ value }) => value)]);
    const group = groups.get(id) ?? { kind: row.kind, key: row.key, name: keyName(row, question), rows: [] };
    group.rows.push(row);
    groups.set(id, group);
  }
  return [...groups.values()];
}
