// Who earned a conversion, in the two cells that a row has for it: the largest share by name, all shares by size.

import { count } from "../format";
import type { ListedCredit } from "./queries";
import { origin, weightText } from "./sentence";

const MAX_WEIGHTS = 4; // written out
const TINTS = [100, 60, 80, 45]; // percent; neighbours differ
const MAX_PARTED = 12; // told apart by a line between them; of more, lines would be all there is to see

export function CreditedTo({ credits }: { credits: readonly ListedCredit[] }) {
  const [first, ...others] = credits;
  if (!first) {
    return <span class="muted">Nobody</span>;
  }
  const top = others.reduce((best, credit) => (Number(credit.weight) > Number(best.weight) ? credit : best), first);
  return (
    <>
      {origin(top)}
      {others.length > 0 && <span class="muted"> +{count(others.length)} more</span>}
      <span class="credited-channel">{top.channel}</span>
    </>
  );
}

/** A bar with a part for each credit, in the colours of the explanation, and the shares in words. */
export function Weights({ credits }: { credits: readonly ListedCredit[] }) {
  if (!credits.length) {
    return <span class="muted">None</span>;
  }
  return (
    <>
      <span class={credits.length > MAX_PARTED ? "weights" : "weights is-parted"} aria-hidden="true">
        {credits.map(({ weight }, number) => (
          <span key={number} style={{ inlineSize: `${Number(weight) * 100}%`, background: colourOf(number) }} />
        ))}
      </span>
      <span class="weights-text">{inWords(credits.map(({ weight }) => weight))}</span>
    </>
  );
}

function inWords(weights: readonly string[]): string {
  return weights.length > MAX_WEIGHTS
    ? `${count(weights.length)} shares, up to ${weightText(String(Math.max(...weights.map(Number))))}`
    : weights.map(weightText).join(" · ");
}

/** The tint of a conversion's credit. One hue, since the others are those of channels in the charts. */
export function colourOf(number: number): string {
  return `color-mix(in srgb, var(--series-1) ${TINTS[number % TINTS.length]}%, var(--panel))`;
}
