// Any number of values out of a list that may be long: ticks, and a field to find them by.

import { useState } from "preact/hooks";

import { count } from "../format";
import { MAX_VALUES } from "../question";
import { Dropdown } from "./dropdown";

const FEW = 10; // are found at a glance
const SHOWN = 100; // at a time; a thousand ticks are slow, and nobody reads them

interface ChoicesProps<Value extends string> {
  name: string;
  offered: readonly Value[];
  chosen: readonly Value[];
  choose: (values: Value[]) => void;
  /** How a value is written; as it is where nothing is said. */
  write?: (value: Value) => string;
  /** What is chosen before anybody has chosen. */
  usual?: readonly Value[];
}

export function Choices<Value extends string>(props: ChoicesProps<Value>) {
  const { name, offered, chosen, choose, write = String, usual = [] } = props;
  return (
    <Dropdown name={name} summary={summaryOf(chosen.map(write))} isActive={chosen.join() !== usual.join()}>
      <Ticks name={name} offered={offered} chosen={chosen} choose={choose} write={write} />
      <button type="button" class="button is-quiet" disabled={!chosen.length} onClick={() => choose([])}>
        All
      </button>
    </Dropdown>
  );
}

type TicksProps<Value extends string> = Required<Omit<ChoicesProps<Value>, "usual">>;

function Ticks<Value extends string>({ name, offered, chosen, choose, write }: TicksProps<Value>) {
  const [sought, setSought] = useState("");
  const all = [...chosen.filter((value) => !offered.includes(value)), ...offered];
  const found = all.filter((value) => write(value).toLowerCase().includes(sought.trim().toLowerCase()));
  const toggle = (value: Value) =>
    choose(chosen.includes(value) ? chosen.filter((other) => other !== value) : [...chosen, value]);
  return (
    <>
      {all.length > FEW && (
        <label class="field">
          <span class="field-name">Find</span>
          <input type="search" value={sought} onInput={(event) => setSought(event.currentTarget.value)} />
        </label>
      )}
      <ul class="ticks" aria-label={name}>
        {found.slice(0, SHOWN).map((value) => (
          <li key={value}>
            <label class="tick">
              <input
                type="checkbox"
                checked={chosen.includes(value)}
                disabled={!chosen.includes(value) && chosen.length >= MAX_VALUES}
                onChange={() => toggle(value)}
              />
              {write(value)}
            </label>
          </li>
        ))}
      </ul>
      {found.length === 0 && <p class="note">{sought ? "None is called so." : "There is none yet."}</p>}
      {found.length > SHOWN && <p class="note">{count(found.length - SHOWN)} more. Type a part of the name above.</p>}
    </>
  );
}

export function summaryOf(names: readonly string[], none = "All"): string {
  return names.length > 1 ? `${names.length} chosen` : (names[0] ?? none);
}
