// One conversion in the table, and below it, once asked for, why it was credited so.

import { useId, useState } from "preact/hooks";

import { STATUS_NAMES, moment, money } from "../format";
import { CreditedTo, Weights } from "./credit_cells";
import type { Conversion, ListedCredit } from "./queries";
import type { Asked } from "./verdict";
import { Why } from "./why";

const COLUMNS = 7;
const BADGES = { CONFIRMED: "badge is-good", PENDING: "badge is-warning", VOIDED: "badge" } as const;

interface ConversionRowProps {
  conversion: Conversion;
  credits: readonly ListedCredit[];
  zone: string;
  asked: Asked;
}

export function ConversionRow({ conversion, credits, zone, asked }: ConversionRowProps) {
  const [isOpen, setIsOpen] = useState(false);
  const id = useId();
  const { event, status, value, occurredAt } = conversion;
  const when = moment(occurredAt, zone);
  return (
    <>
      <tr role="row" class={isOpen ? "conversion is-open" : "conversion"}>
        <th scope="row" role="rowheader" class="conversion-when">
          {when}
        </th>
        <td role="cell" class="conversion-event">
          {event}
        </td>
        <td role="cell" class="conversion-status">
          <span class={BADGES[status]}>{STATUS_NAMES[status]}</span>
        </td>
        <td role="cell" class="conversion-value number">
          {value ? money(value.amount, value.currency) : <span class="muted">No value</span>}
        </td>
        <td role="cell" class="conversion-credited">
          <CreditedTo credits={credits} />
        </td>
        <td role="cell" class="conversion-weights">
          <Weights credits={credits} />
        </td>
        <td role="cell" class="conversion-why">
          <button
            type="button"
            class="button is-quiet"
            aria-expanded={isOpen}
            aria-controls={isOpen ? id : undefined}
            aria-label={`Why this campaign: ${event}, ${when}`}
            onClick={() => setIsOpen(!isOpen)}
          >
            Why
            <span class="chevron" aria-hidden="true" />
          </button>
        </td>
      </tr>
      {isOpen && (
        <tr role="row" id={id} class="conversion-explained">
          <td role="cell" colSpan={COLUMNS}>
            <Why conversion={conversion} zone={zone} asked={asked} />
          </td>
        </tr>
      )}
    </>
  );
}
