// How paths are told: what a step is, and whether a repeat is one.

import { useId } from "preact/hooks";

import { DIMENSION_NAMES } from "../format";
import type { AttributionDimension } from "../graphql/graphql";
import type { Change } from "../navigation";
import { STEP_DIMENSIONS, type Question } from "../question";

interface PathControlsProps {
  question: Question;
  change: Change;
}

export function PathControls({ question, change }: PathControlsProps) {
  const id = useId();
  return (
    <>
      <div class="field">
        <label class="field-name" for={id}>
          Steps by
        </label>
        <select
          id={id}
          value={question.stepsBy}
          onChange={({ currentTarget }) => change({ stepsBy: currentTarget.value as AttributionDimension })}
        >
          {STEP_DIMENSIONS.map((dimension) => (
            <option key={dimension} value={dimension}>
              {DIMENSION_NAMES[dimension]}
            </option>
          ))}
        </select>
      </div>
      <label class="tick">
        <input
          type="checkbox"
          checked={question.collapseRepeats}
          onChange={({ currentTarget }) => change({ collapseRepeats: currentTarget.checked })}
        />
        Count repeats once
      </label>
    </>
  );
}
