// The model's decision for one conversion, in a sentence or two that people can repeat. Pure.

import * as format from "../format";
import { distance } from "./lapse";
import { DIRECT, type Asked, type Verdict } from "./verdict";

const MAX_SHARES = 5; // told one by one
const LEAST_SHARE = 0.001; // told exactly

/** What is known of the visitor behind a conversion: the journey, or why there is none to show. */
export type Visitor = "unknown" | "hidden" | "known";

export interface DecidedCredit {
  channel: string;
  source: string;
  medium: string;
  campaign: string | null;
  weight: string;
  touchedAt: string;
}

interface Decision {
  asked: Asked;
  credits: readonly DecidedCredit[];
  convertedAt: string;
  visitor: Visitor;
  /** Of the visitor's touches; null where they cannot be seen, or not all of them. */
  verdicts: readonly Verdict[] | null;
}

/** Explain who earned a conversion, and by what rule. */
export function sentence(decision: Decision): string {
  const { asked, credits, verdicts } = decision;
  if (!credits.length) {
    return `Nobody earned it: ${whyNobody(decision)}`;
  }
  const direct = verdicts?.filter((verdict) => verdict === "direct").length ?? 0;
  const leftOut = direct ? ` ${format.count(direct)} direct ${direct === 1 ? "touch" : "touches"} had been left out before.` : "";
  return `${asked.label} ${rule(decision)}: ${shares(decision)}.${leftOut}`;
}

/** Where a touch came from, in a few words. */
export function origin({ source, medium, campaign }: Pick<DecidedCredit, "source" | "medium" | "campaign">): string {
  return campaign ? `${source} / ${medium} “${campaign}”` : `${source} / ${medium}`;
}

/** A share for people; one that rounds to nothing is still more than that. */
export function weightText(weight: string): string {
  return Number(weight) < LEAST_SHARE ? `under ${format.weight(LEAST_SHARE)}` : format.weight(Number(weight));
}

function rule({ asked, credits, verdicts }: Decision): string {
  const inWindow = verdicts && verdicts.filter((verdict) => verdict === "credited" || verdict === "passed-over").length;
  const number = credits.length;
  if (inWindow === 1) {
    return "gives everything to the only touch in the window";
  }
  switch (asked.model) {
    case "FIRST_TOUCH":
      return "gives everything to the first touch in the window";
    case "LAST_TOUCH":
      return "gives everything to the last touch in the window";
    case "LAST_NON_DIRECT":
      return credits[0]!.channel === DIRECT
        ? "gives everything to the last touch in the window, all of them being direct"
        : "gives everything to the last touch in the window that was not direct";
    case "LINEAR":
      return number === 1
        ? "gives everything to the only touch in the window"
        : `gives the same to each of the ${format.count(number)} touches in the window`;
    default: {
      // As the server describes it: a rule with numbers in it, told here, would outlive a change of them.
      const own = `by its rule (${asked.description.replace(/\.$/, "")})`;
      return number === 1 ? `gives everything to one touch ${own}` : `decides ${own}`;
    }
  }
}

function shares({ credits, convertedAt }: Decision): string {
  const [only] = credits;
  if (credits.length === 1 && only) {
    return `${origin(only)}, ${distance(only.touchedAt, convertedAt)}`;
  }
  const told = credits.length > MAX_SHARES ? largest(credits) : credits;
  const others = credits.length - told.length;
  const list = told.map((credit) => `${weightText(credit.weight)} to ${origin(credit)}`);
  return others ? `${list.join("; ")}; the rest to ${format.count(others)} others` : list.join("; ");
}

/** The largest shares, in the order of the journey. */
function largest(credits: readonly DecidedCredit[]): DecidedCredit[] {
  const kept = new Set([...credits].sort((a, b) => Number(b.weight) - Number(a.weight)).slice(0, MAX_SHARES - 1));
  return credits.filter((credit) => kept.has(credit));
}

function whyNobody({ asked, visitor, verdicts }: Decision): string {
  if (visitor === "unknown") {
    return "it is not known which visitor converted.";
  }
  if (verdicts === null) {
    return `no touch of the visitor${asked.excludeDirect ? " that is not direct" : ""} lies in the window.`;
  }
  if (!verdicts.length) {
    return "no touch of this visitor is on record.";
  }
  const reasons = REASONS.map(([verdict, one, many]) => {
    const number = verdicts.filter((found) => found === verdict).length;
    return { number, text: number === 1 ? one : many };
  }).filter(({ number }) => number);
  if (reasons.length === 1) {
    const whose = verdicts.length === 1 ? "the visitor's only touch" : `all ${format.count(verdicts.length)} touches of the visitor`;
    return `${whose} ${reasons[0]!.text}.`;
  }
  const parts = reasons.map(({ number, text }) => `${format.count(number)} ${text}`);
  return `of the visitor's ${format.count(verdicts.length)} touches ${new Intl.ListFormat("en").format(parts)}.`;
}

const REASONS: readonly [Verdict, string, string][] = [
  ["too-old", "came before its window began", "came before their windows began"],
  ["left-out", "is left out by a window of 0 days", "are left out by windows of 0 days"],
  ["direct", "is direct and left out", "are direct and left out"],
  ["later", "came after the conversion", "came after the conversion"],
  ["passed-over", "has only just been recorded", "have only just been recorded"],
];
