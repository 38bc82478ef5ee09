// How a row's key is written: the dimensions that say something, and a name where there is no key.

import { KIND_NAMES } from "../format";
import type { CreditKind } from "../graphql/graphql";
import { DRILL_DOWN, type Question } from "../question";
import type { Row } from "./queries";

type Key = Row["key"];

/** The parts of a key that tell rows apart: a dimension that keeps a single value is the same in all of them. */
function tellingParts(key: Key, question: Question): Key {
  return key.filter(({ dimension }) => {
    const kept = DRILL_DOWN.find((level) => level.dimension === dimension);
    return dimension === question.by || !kept || question[kept.field].length > 1;
  });
}

export function keyName(row: { kind: CreditKind; key: Key }, question: Question): string {
  return row.kind === "ATTRIBUTED"
    ? tellingParts(row.key, question)
        .map(({ value }) => value)
        .join(" › ")
    : KIND_NAMES[row.kind];
}
