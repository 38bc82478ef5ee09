// One touch of a journey: where the visitor came from, when, and what it earned, or why nothing.

import { moment, money } from "../format";
import { colourOf } from "./credit_cells";
import { distance } from "./lapse";
import { weightText } from "./sentence";
import type { Step } from "./steps";
import { reasonOf, type Asked } from "./verdict";

interface JourneyTouchProps {
  step: Step;
  convertedAt: string;
  winners: readonly { channel: string }[];
  zone: string;
  asked: Asked;
}

export function JourneyTouch({ step, convertedAt, winners, zone, asked }: JourneyTouchProps) {
  const { touch, credit, number, verdict } = step;
  const reason = reasonOf(verdict, touch, asked, winners);
  return (
    <li
      class={credit ? "touch is-credited" : "touch"}
      style={number === null ? undefined : { "--credit": colourOf(number) }}
    >
      <p class="touch-head">
        <span class="touch-origin">
          {touch.source} / {touch.medium}
        </span>
        <span class="badge">{touch.channel}</span>
        {touch.campaign && <span>{touch.campaign}</span>}
        {credit && (
          <strong class="touch-credit">
            {weightText(credit.weight)}
            {credit.value && `, ${money(credit.value.amount, credit.value.currency)}`}
          </strong>
        )}
      </p>
      <p class="muted">
        {moment(touch.occurredAt, zone)}, {distance(touch.occurredAt, convertedAt)}
      </p>
      {reason && <p class="muted">No credit: {reason}</p>}
      <TouchFacts touch={touch} />
    </li>
  );
}

/** What the visit carried. Addresses are text: to follow one here would be a visit of its own. */
function TouchFacts({ touch }: { touch: Step["touch"] }) {
  const facts: [string, string | null | undefined][] = [
    ["Landing page", touch.landingUrl],
    ["Referrer", touch.referrer],
    ["Term", touch.term],
    ["Content", touch.content],
    ["Campaign id", touch.campaignId],
    ...(touch.clickIds ?? []).map(({ platform, parameter, value }): [string, string] => [
      platform,
      `${parameter} ${value}`,
    ]),
  ];
  const known = facts.filter(([, value]) => value);
  return known.length ? (
    <dl class="touch-facts">
      {known.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  ) : null;
}
