// "Why this campaign": the decision in a sentence, the journey that led to the conversion, and what else is known of it.
// Asked when it is opened.

import { Refused } from "../../../frontend/server";
import { useAnswer } from "../answer";
import { Failure } from "../panel";
import { conversionModel } from "../variables";
import { Facts } from "./facts";
import { Journey } from "./journey";
import { EXPLANATION, JOURNEY, MAX_JOURNEY, type Conversion, type Touch } from "./queries";
import { sentence, type Visitor } from "./sentence";
import { stepsOf } from "./steps";
import type { Asked } from "./verdict";
import "./why.css";

interface WhyProps {
  conversion: Conversion;
  zone: string;
  asked: Asked;
}

export function Why({ conversion, zone, asked }: WhyProps) {
  const id = [conversion.id];
  const { windowDays, sourceWindows, excludeDirect } = asked;
  const variables = {
    id,
    model: conversionModel(asked.model),
    windowDays,
    sourceWindows: [...sourceWindows],
    excludeDirect,
  };
  const explanation = useAnswer(EXPLANATION, variables, asked);
  const explainedBy = explanation.about;
  const journey = useAnswer(JOURNEY, { id, first: MAX_JOURNEY }, null);
  const isWaiting = explanation.isLoading || journey.isLoading;
  if (explanation.error) {
    const retry = () => {
      explanation.retry();
      journey.retry();
    };
    return <Failure error={explanation.error} retry={retry} />;
  }
  if (!explanation.data || (!journey.data && !journey.error)) {
    return (
      <p class="why-wait" aria-hidden="true">
        <span class="loading">Loading</span>
      </p>
    );
  }
  const [explained] = explanation.data.attributedConversions.edges;
  if (!explained) {
    return <p class="empty">This conversion is no longer there. Reload the page to see those that are.</p>;
  }
  const isForbidden = journey.error instanceof Refused && journey.error.code === "FORBIDDEN";
  const touches = journey.data?.attributedConversions.edges[0]?.node.identity?.journey ?? null;
  const isKnown = explanation.data.identified.totalCount > 0;
  const visitor: Visitor = !isKnown ? "unknown" : touches ? "known" : "hidden";
  const steps = stepsOf(touches, explained.credits, conversion.occurredAt, explainedBy);
  return (
    <div class={isWaiting ? "why is-stale" : "why"} aria-busy={isWaiting}>
      {isWaiting && (
        <p class="why-wait is-updating" aria-hidden="true">
          <span class="loading">Updating</span>
        </p>
      )}
      <h3>Why this campaign</h3>
      <p class="why-sentence">
        {sentence({
          asked: explainedBy,
          credits: explained.credits,
          convertedAt: conversion.occurredAt,
          visitor,
          verdicts: isWhole(touches) ? steps.map(({ verdict }) => verdict) : null,
        })}
      </p>
      {journey.error && !isForbidden && <Failure error={journey.error} retry={journey.retry} />}
      <Journey
        steps={steps}
        note={noteOn(visitor, touches, isForbidden)}
        conversion={conversion}
        zone={zone}
        asked={explainedBy}
      />
      <Facts conversion={conversion} explained={explained} zone={zone} />
    </div>
  );
}

/** Whether these are all the visitor's touches; a journey as long as one may ask for goes on, perhaps. */
function isWhole(touches: readonly Touch[] | null): touches is readonly Touch[] {
  return touches !== null && touches.length < MAX_JOURNEY;
}

function noteOn(visitor: Visitor, touches: readonly Touch[] | null, isForbidden: boolean): string {
  if (visitor === "unknown") {
    return "";
  }
  if (touches === null) {
    const permission = isForbidden ? "touchpoints (view_touchpoint)" : "visitors (view_identity)";
    return `Only touches that earned credit: your account may not view ${permission}.`;
  }
  return isWhole(touches)
    ? ""
    : `The visitor's first ${MAX_JOURNEY} touches; later ones are left out unless they earned credit.`;
}
