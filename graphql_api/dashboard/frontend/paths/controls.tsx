// How paths are told: what a step is, and whether a repeat is one.

import { useId } from "preact/hooks";

import { DIMENSION_NAMES } from "../format";
import type { AttributionDimension } from "../graphql/graphql";
import { DIMENSIONS } from "../question";

export const FIRST_PATHS = 20;
export const MAX_PATHS = 200; // as the API says

export interface PathChoice {
  by: AttributionDimension;
  collapseRepeats: boolean;
  /** How many paths. */
  first: number;
}

interface PathControlsProps {
  choice: PathChoice;
  choose: (part: Partial<PathChoice>) => void;
}

const STEP_DIMENSIONS = DIMENSIONS.filter((dimension) => dimension !== "EVENT"); // which touches do not have

export function PathControls({ choice, choose }: PathControlsProps) {
  const id = useId();
  return (
    <>
      <div class="field">
        <label class="field-name" for={id}>
          Steps by
        </label>
        <select
          id={id}
          value={choice.by}
          onChange={({ currentTarget }) => choose({ by: currentTarget.value as AttributionDimension })}
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
          checked={choice.collapseRepeats}
          onChange={({ currentTarget }) => choose({ collapseRepeats: currentTarget.checked })}
        />
        Count repeats once
      </label>
    </>
  );
}
