// The journeys that ended in a conversion: which, how long, and how many days they took. Asked once for all three.

import { useState } from "preact/hooks";

import { useAnswer, useAnswered } from "../answer";
import { NothingMatches } from "../nothing_matches";
import type { ViewProps } from "../dashboard";
import { Panel } from "../panel";
import { creditedTo, where, windows } from "../variables";
import { FIRST_PATHS, PathControls, type PathChoice } from "./controls";
import { LengthChart, TimeLagChart } from "./histograms";
import "./paths.css";
import { PATHS } from "./query";
import { PathTable } from "./table";

const FIRST_CHOICE: PathChoice = { by: "CHANNEL", collapseRepeats: true, first: FIRST_PATHS };

export function Paths({ question, change }: ViewProps) {
  const [choice, setChoice] = useState(FIRST_CHOICE);
  const answer = useAnswer(PATHS, { ...windows(question), ...choice, where: where(question) });
  const shown = useAnswered(answer, choice);
  const choose = (part: Partial<PathChoice>) => setChoice({ ...choice, ...part });
  const isEmpty = answer.data?.conversionPaths.lengths.every(({ conversions }) => conversions === 0);
  if (isEmpty) {
    return (
      <Panel title="Top paths" answer={answer}>
        {() => <NothingMatches question={{ ...question, channels: [], sources: [], campaigns: [] }} change={change} />}
      </Panel>
    );
  }
  return (
    <>
      {creditedTo(question) && (
        <p class="note paths-note">
          Paths are whole journeys: the chosen channels, sources and campaigns filter credit, and change nothing here.
        </p>
      )}
      <Panel title="Top paths" answer={answer} controls={<PathControls choice={choice} choose={choose} />}>
        {({ conversionPaths }) => <PathTable found={conversionPaths} choice={shown} choose={choose} />}
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
