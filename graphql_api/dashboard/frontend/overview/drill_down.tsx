// From channels to sources to campaigns, and back.

import type { AttributionDimension } from "../graphql/graphql";
import { DIMENSION_PLURALS } from "../format";
import { QuestionLink, type ViewProps } from "../navigation";
import { ALL_CREDIT, DRILL_DOWN, type Question } from "../question";
import type { Row } from "./queries";

const DEEPEST: AttributionDimension = "CONTENT"; // what tells the advertisements of a campaign apart

/** What to ask for to look into a key; null where it leads nowhere. */
export function within(key: Row["key"], question: Question): Partial<Question> | null {
  const level = DRILL_DOWN.findIndex(({ dimension }) => dimension === question.by);
  if (level < 0) {
    return null;
  }
  const kept = key.flatMap(({ dimension, value }) => {
    const field = DRILL_DOWN.find((known) => known.dimension === dimension)?.field;
    return field ? [[field, [value]] as const] : [];
  });
  return { ...Object.fromEntries(kept), by: DRILL_DOWN[level + 1]?.dimension ?? DEEPEST, sort: "" };
}

/** Where one is, and the way out; nothing where all credit is kept. */
export function Crumbs({ question, change }: Pick<ViewProps, "question" | "change">) {
  const levels = DRILL_DOWN.filter(({ field }) => question[field].length);
  if (!levels.length) {
    return null;
  }
  return (
    <nav class="crumbs" aria-label="Drill-down">
      <ol>
        <li>
          <QuestionLink question={question} part={{ ...ALL_CREDIT, by: "CHANNEL" }} change={change}>
            All {DIMENSION_PLURALS.CHANNEL}
          </QuestionLink>
        </li>
        {levels.map(({ dimension, field }) => {
          const level = DRILL_DOWN.findIndex((known) => known.dimension === dimension);
          const values = question[field];
          const by = DRILL_DOWN[level + 1]?.dimension ?? DEEPEST;
          return (
            <li key={dimension}>
              <QuestionLink question={question} part={{ ...wider(level + 1), by }} change={change}>
                {values.length > 1 ? `${values.length} ${DIMENSION_PLURALS[dimension]}` : values[0]}
              </QuestionLink>
            </li>
          );
        })}
      </ol>
    </nav>
  );
}

/** Keep no credit by this level of the drill-down and those inside it. */
function wider(level: number): Partial<Question> {
  return Object.fromEntries(DRILL_DOWN.slice(level).map(({ field }) => [field, []]));
}
