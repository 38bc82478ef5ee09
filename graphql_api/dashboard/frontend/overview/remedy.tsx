// What to do where the server refuses a report: the overview knows which choice led there.

import type { ComponentChildren } from "preact";

import { Refused } from "../../../frontend/server";
import type { Change } from "../navigation";
import { firstQuestion, type Question } from "../question";

/** A way on from an error; null where only trying again helps. */
export function remedy(question: Question, change: Change): (error: Error) => ComponentChildren {
  return (error) => {
    const isRefused = error instanceof Refused && ["BAD_USER_INPUT", "QUERY_TOO_COMPLEX"].includes(error.code);
    if (!isRefused || !question.models.includes("MARKOV")) {
      return null;
    }
    const others = question.models.filter((name) => name !== "MARKOV");
    const models = others.length ? others : firstQuestion().models;
    return (
      <>
        <button type="button" class="button" onClick={() => change({ models })}>
          Leave Markov out
        </button>
        {question.by !== "CHANNEL" && (
          <button type="button" class="button" onClick={() => change({ by: "CHANNEL" })}>
            Break down by channel
          </button>
        )}
      </>
    );
  };
}
