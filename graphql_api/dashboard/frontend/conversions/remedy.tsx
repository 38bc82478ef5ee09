// What to do where the server refuses a list: it looks at conversions one by one to find those with kept credit, and
// at so many only.

import type { ComponentChildren } from "preact";

import { Refused } from "../../../frontend/server";
import type { Change } from "../navigation";
import { ALL_CREDIT, keepsPart, type Question } from "../question";

/** A way on from an error; null where only trying again helps. */
export function remedy(question: Question, change: Change): (error: Error) => ComponentChildren {
  return (error) =>
    error instanceof Refused && error.code === "QUERY_TOO_COMPLEX" && keepsPart(question) ? (
      <button type="button" class="button" onClick={() => change(ALL_CREDIT)}>
        Clear channels, sources and campaigns
      </button>
    ) : null;
}
