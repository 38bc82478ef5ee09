// The bar above every view: which conversions are asked about, and how they are credited.

import { useId, useRef, useState } from "preact/hooks";

import { STATUS_NAMES } from "../format";
import type { Change } from "../navigation";
import { modelNamed, type Options } from "../options";
import { NO_FILTERS, STATUSES, isAboutCredit, type Question } from "../question";
import { Chips, chipsOf } from "./chips";
import { Choices } from "./choices";
import { Dates } from "./dates";
import { periodOf } from "./presets";
import "./filters.css";
import { Models } from "./models";
import { Windows } from "./windows";

interface FiltersProps {
  question: Question;
  options: Options | null;
  change: Change;
}

/** On phones the controls fold away behind a button. */
export function Filters({ question, options, change }: FiltersProps) {
  const id = useId();
  const section = useRef<HTMLElement>(null);
  const [isUnfolded, setIsUnfolded] = useState(false);
  return (
    <section class="filters panel" aria-label="Filters" tabIndex={-1} ref={section}>
      <button
        type="button"
        class="button filters-fold"
        aria-expanded={isUnfolded}
        aria-controls={id}
        onClick={() => setIsUnfolded(!isUnfolded)}
      >
        <span class="visually-hidden">Filters and model: </span>
        {summaryOf(question, options)}
      </button>
      <div id={id} class={isUnfolded ? "filters-bar is-unfolded" : "filters-bar"}>
        {options && isAboutCredit(question) && <Models question={question} options={options} change={change} />}
        <Dates question={question} options={options} change={change} />
        {options && (
          <>
            <Conditions question={question} options={options} change={change} />
            <Windows question={question} options={options} change={change} />
          </>
        )}
      </div>
      <Chips question={question} change={change} section={section} />
    </section>
  );
}

/** What is asked, in the few words of the folded bar: "Last 30 days · Last touch · 1 filter". */
function summaryOf(question: Question, options: Options | null): string {
  const active = chipsOf(question).length;
  const model = isAboutCredit(question) && options && modelNamed(options, question.models[0]!).label;
  return [periodOf(question), model, active && `${active} ${active === 1 ? "filter" : "filters"}`]
    .filter(Boolean)
    .join(" · ");
}

function Conditions({ question, options, change }: FiltersProps & { options: Options }) {
  const { events, channels, sources, currencies, statuses } = question;
  return (
    <div class="filter-group" role="group" aria-label="Conditions">
      <Choices name="Event" offered={options.events} chosen={events} choose={(events) => change({ events })} />
      {isAboutCredit(question) && (
        <>
          <Choices
            name="Channel"
            offered={options.channels}
            chosen={channels}
            choose={(channels) => change({ channels })}
          />
          <Choices name="Source" offered={options.sources} chosen={sources} choose={(sources) => change({ sources })} />
        </>
      )}
      <Choices
        name="Currency"
        offered={options.currencies}
        chosen={currencies}
        choose={(currencies) => change({ currencies })}
      />
      <Choices
        name="Status"
        offered={STATUSES}
        chosen={statuses}
        choose={(statuses) => change({ statuses })}
        write={(status) => STATUS_NAMES[status]}
        usual={NO_FILTERS.statuses}
      />
    </div>
  );
}
