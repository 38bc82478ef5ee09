// Who earns the credit: one model that answers everywhere, and others beside it.

import { useId } from "preact/hooks";

import type { ViewProps } from "../navigation";
import { modelNamed, type ModelOption } from "../options";
import { MAX_MODELS } from "../question";
import { summaryOf } from "./choices";
import { Dropdown } from "./dropdown";

export function Models({ question, options, change }: ViewProps) {
  const [primary = "", ...compared] = question.models;
  const lead = (name: string) => {
    // A model that was compared changes places with the one that led.
    const others = compared.map((other) => (other === name ? primary : other));
    change({ models: [name, ...others] });
  };
  const compare = (name: string) => {
    const others = compared.includes(name) ? compared.filter((other) => other !== name) : [...compared, name];
    change({ models: [primary, ...others] });
  };
  const labels = compared.map((name) => modelNamed(options, name).label);
  return (
    <div class="filter-group" role="group" aria-label="Attribution models">
      <Dropdown name="Model" summary={modelNamed(options, primary).label}>
        <ModelList type="radio" models={options.models} chosen={[primary]} choose={lead} />
      </Dropdown>
      <Dropdown name="Compare with" summary={summaryOf(labels, "None")} isActive={compared.length > 0}>
        <ModelList
          type="checkbox"
          models={options.models.filter(({ name }) => name !== primary)}
          chosen={compared}
          choose={compare}
          isFull={question.models.length >= MAX_MODELS}
        />
        {compared.length > 0 && (
          <button type="button" class="button is-quiet" onClick={() => change({ models: [primary] })}>
            Compare with none
          </button>
        )}
      </Dropdown>
    </div>
  );
}

interface ModelListProps {
  type: "radio" | "checkbox";
  models: readonly ModelOption[];
  chosen: readonly string[];
  choose: (name: string) => void;
  isFull?: boolean;
}

function ModelList({ type, models, chosen, choose, isFull = false }: ModelListProps) {
  const id = useId();
  return (
    <ul class="model-list">
      {models.map(({ name, label, description, additive, perConversion }) => (
        <li key={name}>
          <label class="tick">
            <input
              type={type}
              name={id}
              checked={chosen.includes(name)}
              disabled={isFull && !chosen.includes(name)}
              aria-describedby={`${id}-${name}`}
              onChange={() => choose(name)}
            />
            <strong>{label}</strong>
          </label>
          <p class="note" id={`${id}-${name}`}>
            {description} {!additive && <span class="badge is-warning">Never adds up</span>}{" "}
            {!perConversion && <span class="badge">In reports only</span>}
          </p>
        </li>
      ))}
    </ul>
  );
}
