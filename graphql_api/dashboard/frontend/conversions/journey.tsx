// A visitor's way to a conversion, as a line of touches with the conversion at its end. What came later stays folded.

import { STATUS_NAMES, moment, money } from "../format";
import type { Conversion } from "./queries";
import type { Step } from "./steps";
import { JourneyTouch } from "./touch";
import type { Asked } from "./verdict";

interface JourneyProps {
  steps: readonly Step[];
  /** What is missing, and why; empty for nothing. */
  note: string;
  conversion: Conversion;
  zone: string;
  asked: Asked;
}

export function Journey({ steps, note, conversion, zone, asked }: JourneyProps) {
  const { event, status, value, occurredAt } = conversion;
  const winners = steps.flatMap(({ credit }) => credit ?? []);
  const touch = (step: Step) => (
    <JourneyTouch key={step.id} step={step} convertedAt={occurredAt} winners={winners} zone={zone} asked={asked} />
  );
  const later = steps.filter(({ verdict }) => verdict === "later");
  return (
    <div class="journey">
      <h4>Journey</h4>
      {note && <p class="note">{note}</p>}
      <ol class="journey-line">
        {steps.filter(({ verdict }) => verdict !== "later").map(touch)}
        <li class="journey-end">
          <p class="touch-head">
            <strong>{event}</strong>
            {value && <strong class="touch-credit">{money(value.amount, value.currency)}</strong>}
          </p>
          <p class="muted">
            {moment(occurredAt, zone)}, {STATUS_NAMES[status].toLowerCase()}
          </p>
        </li>
      </ol>
      {later.length > 0 && (
        <details class="journey-later">
          <summary>
            {later.length === 1 ? "1 touch" : `${later.length} touches`} after the conversion, without credit for it
          </summary>
          <ol class="journey-line">{later.map(touch)}</ol>
        </details>
      )}
    </div>
  );
}
