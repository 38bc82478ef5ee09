// Look-back windows of single sources: change, remove, add.

import { useId, useRef, useState } from "preact/hooks";

import { MAX_SOURCE_WINDOWS, MAX_WINDOW_DAYS, type SourceWindow } from "../question";
import { DaysField } from "./days_field";

interface SourceWindowsProps {
  windows: readonly SourceWindow[];
  /** Sources that occur; others may be typed. */
  offered: readonly string[];
  choose: (windows: SourceWindow[]) => void;
}

export function SourceWindows({ windows, offered, choose }: SourceWindowsProps) {
  const add = useRef<HTMLInputElement>(null);
  const without = (source: string) => windows.filter((window) => window.source !== source);
  return (
    <>
      <p class="note">Days before a conversion within which a source earns credit; 0 leaves the source out.</p>
      <ul class="source-windows">
        {windows.map(({ source, days }) => (
          <li key={source}>
            <span>{source}</span>
            <DaysField
              name={`Days for ${source}`}
              isNameHidden
              days={days}
              choose={(days) => choose(windows.map((window) => (window.source === source ? { source, days } : window)))}
            />
            <button
              type="button"
              class="button is-quiet"
              aria-label={`Remove the window of ${source}`}
              onClick={() => {
                choose(without(source));
                add.current?.focus();
              }}
            >
              Remove
            </button>
          </li>
        ))}
      </ul>
      {windows.length < MAX_SOURCE_WINDOWS ? (
        <AddWindow
          field={add}
          offered={offered.filter((source) => windows.every((window) => window.source !== source))}
          add={(window) => choose([...without(window.source), window])}
        />
      ) : (
        <p class="note">These are all that can be asked for: {MAX_SOURCE_WINDOWS}.</p>
      )}
    </>
  );
}

interface AddWindowProps {
  field: { current: HTMLInputElement | null };
  offered: readonly string[];
  add: (window: SourceWindow) => void;
}

function AddWindow({ field, offered, add }: AddWindowProps) {
  const id = useId();
  const [source, setSource] = useState("");
  const [days, setDays] = useState("7");
  const submit = (event: Event) => {
    event.preventDefault();
    field.current?.focus();
    if (source.trim()) {
      add({ source: source.trim().toLowerCase(), days: Number(days) });
      setSource("");
    }
  };
  return (
    <form class="add-window" onSubmit={submit}>
      <label class="field">
        <span class="field-name">Source</span>
        <input
          ref={field}
          list={id}
          autocomplete="off"
          value={source}
          onInput={(event) => setSource(event.currentTarget.value)}
        />
      </label>
      <datalist id={id}>
        {offered.map((name) => (
          <option key={name} value={name} />
        ))}
      </datalist>
      <label class="field">
        <span class="field-name">Days</span>
        <input
          type="number"
          required
          min={0}
          max={MAX_WINDOW_DAYS}
          step={1}
          value={days}
          onInput={(event) => setDays(event.currentTarget.value)}
        />
      </label>
      <button type="submit" class="button">
        Add
      </button>
    </form>
  );
}
