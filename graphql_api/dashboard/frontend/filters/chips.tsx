// What is filtered at the moment, each to be removed by itself, or all at once.

import type { RefObject } from "preact";

import { STATUS_NAMES } from "../format";
import type { ViewProps } from "../navigation";
import { ALL_CREDIT, NO_FILTERS, isAboutCredit, type Question } from "../question";

const MANY = 6; // values of one filter: then one chip stands for all of them

interface Chip {
  text: string;
  without: Partial<Question>;
}

interface ChipsProps extends Pick<ViewProps, "question" | "change"> {
  /** Where the focus goes when a chip goes away. */
  section: RefObject<HTMLElement | null>;
}

export function Chips({ question, change, section }: ChipsProps) {
  const chips = chipsOf(question);
  if (!chips.length) {
    return null;
  }
  const remove = (part: Partial<Question>) => () => {
    section.current?.focus(); // the button goes away, and focus would be lost with it
    change(part);
  };
  return (
    <ul class="chips" aria-label="What is filtered">
      {chips.map(({ text, without }) => (
        <li key={text}>
          <button type="button" class="chip" aria-label={`Remove the filter ${text}`} onClick={remove(without)}>
            {text}
          </button>
        </li>
      ))}
      <li>
        <button type="button" class="button is-quiet" onClick={remove(NO_FILTERS)}>
          Clear all
        </button>
      </li>
    </ul>
  );
}

/** One for each value that restricts the answer. */
export function chipsOf(question: Question): Chip[] {
  const { events, currencies, statuses } = question;
  const { channels, sources, campaigns } = isAboutCredit(question) ? question : ALL_CREDIT;
  return [
    ...of("Event", events, (events) => ({ events })),
    ...of("Channel", channels, (channels) => ({ channels })),
    ...of("Source", sources, (sources) => ({ sources })),
    ...of("Campaign", campaigns, (campaigns) => ({ campaigns })),
    ...of("Currency", currencies, (currencies) => ({ currencies })),
    ...(statuses.join() === NO_FILTERS.statuses.join()
      ? []
      : [
          {
            text: `Status: ${statuses.map((status) => STATUS_NAMES[status]).join(", ") || "All"}`,
            without: { statuses: NO_FILTERS.statuses },
          },
        ]),
  ];
}

function of(name: string, values: string[], part: (values: string[]) => Partial<Question>): Chip[] {
  return values.length > MANY
    ? [{ text: `${name}: ${values.length} chosen`, without: part([]) }]
    : values.map((value) => ({
        text: `${name}: ${value}`,
        without: part(values.filter((other) => other !== value)),
      }));
}
