// The head of the breakdown's table: every column is a button that orders the rows.

import * as format from "../format";
import { Heading, SortHeading } from "../heading";
import type { Change } from "../navigation";
import type { ModelOption } from "../options";
import type { Question } from "../question";
import { columnOf, KEY, orderOf, sortAfter, type Measured } from "./sorting";

interface BreakdownHeadProps {
  question: Question;
  models: readonly ModelOption[];
  change: Change;
  hasCurrencies: boolean;
  hasValues: boolean;
}

export function BreakdownHead({ question, models, change, hasCurrencies, hasValues }: BreakdownHeadProps) {
  const measured: [Measured, string][] = [["CONVERSIONS", "Conversions"], ...(hasValues ? VALUE : [])];
  return (
    <thead>
      <tr>
        <SortHeader
          name={format.DIMENSION_NAMES[question.by]}
          column={KEY}
          rows={2}
          question={question}
          change={change}
        />
        {hasCurrencies && (
          <Heading rowSpan={2}>Currency</Heading>
        )}
        {models.map(({ name, label, additive }) => (
          <th key={name} scope="colgroup" colSpan={measured.length} class="model model-name">
            {label} {!additive && <span class="badge is-warning">never adds up</span>}
          </th>
        ))}
      </tr>
      <tr>
        {models.flatMap(({ name }) =>
          measured.map(([which, title]) => (
            <SortHeader
              key={name + which}
              name={title}
              column={columnOf(name, which)}
              isFirst={which === "CONVERSIONS"}
              question={question}
              change={change}
            />
          )),
        )}
      </tr>
    </thead>
  );
}

const VALUE: [Measured, string][] = [["VALUE", "Value"]];

interface SortHeaderProps {
  name: string;
  column: string;
  rows?: number;
  /** Whether a model's columns begin here; nothing for what belongs to none. */
  isFirst?: boolean;
  question: Question;
  change: Change;
}

function SortHeader({ name, column, rows = 1, isFirst, question, change }: SortHeaderProps) {
  const order = orderOf(question);
  return (
    <SortHeading
      class={isFirst === undefined ? "" : isFirst ? "number model" : "number"}
      rowSpan={rows}
      direction={order.by === column ? order.direction : null}
      sort={() => change({ sort: sortAfter(order, column) })}
    >
      {name}
    </SortHeading>
  );
}
