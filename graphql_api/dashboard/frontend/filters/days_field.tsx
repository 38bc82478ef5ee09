// A look-back window: a whole number of days.

import { useId } from "preact/hooks";

import { MAX_WINDOW_DAYS } from "../question";
import { useDraft } from "./draft";

interface DaysFieldProps {
  name: string;
  /** Whether the name is only for those who do not see what the field stands beside. */
  isNameHidden?: boolean;
  days: number;
  choose: (days: number) => void;
}

export function DaysField({ name, isNameHidden = false, days, choose }: DaysFieldProps) {
  const id = useId();
  const draft = useDraft(String(days), isDays, (text) => choose(Number(text)));
  return (
    <div class="field">
      <label class={isNameHidden ? "visually-hidden" : "field-name"} for={id}>
        {name}
      </label>
      <input
        id={id}
        type="number"
        inputMode="numeric"
        min={0}
        max={MAX_WINDOW_DAYS}
        step={1}
        value={draft.text}
        aria-invalid={!draft.isUsable}
        aria-describedby={draft.isUsable ? undefined : `${id}-error`}
        {...draft.handlers}
      />
      {!draft.isUsable && (
        <span class="field-error" id={`${id}-error`}>
          0 to {MAX_WINDOW_DAYS}
        </span>
      )}
    </div>
  );
}

function isDays(text: string): boolean {
  return /^\d{1,4}$/.test(text) && Number(text) <= MAX_WINDOW_DAYS;
}
