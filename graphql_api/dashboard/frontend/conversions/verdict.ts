// Why a touch earned what it did: the rules of the look-back window, and what each model passes over. Pure.
//
// The server gives the credit. What is said here of a touch that has none follows from the same rules: a touch counts
// when `conversion - days <= touch <= conversion`, in its source's own window if it has one, and 0 days leave it out.

import type { SourceWindow } from "../question";
import { microseconds } from "./lapse";

const DAY = 86_400_000_000n; // microseconds: 24 hours, whatever clocks do
export const DIRECT = "Direct"; // the channel, as the server calls it

/** How credit was asked for. */
export interface Asked {
  /** The model's name in the API, and in words. */
  model: string;
  label: string;
  description: string;
  windowDays: number;
  sourceWindows: readonly SourceWindow[];
  excludeDirect: boolean;
}

interface JudgedTouch {
  occurredAt: string;
  source: string;
  channel: string;
}

/** What became of a touch; all but the first two had no chance. */
export type Verdict = "credited" | "passed-over" | "later" | "left-out" | "too-old" | "direct";

/** Judge a touch of a conversion's visitor. */
export function verdictOf(touch: JudgedTouch, convertedAt: string, asked: Asked, isCredited: boolean): Verdict {
  if (isCredited) {
    return "credited";
  }
  const age = microseconds(convertedAt) - microseconds(touch.occurredAt);
  const days = daysFor(touch.source, asked);
  if (age < 0n) {
    return "later";
  }
  if (days === 0) {
    return "left-out";
  }
  if (age > BigInt(days) * DAY) {
    return "too-old";
  }
  return asked.excludeDirect && touch.channel === DIRECT ? "direct" : "passed-over";
}

/** Say why a touch earned nothing, as the end of a sentence; null for one that did. `winners` are those that did. */
export function reasonOf(
  verdict: Verdict,
  touch: JudgedTouch,
  asked: Asked,
  winners: readonly { channel: string }[],
): string | null {
  const days = daysFor(touch.source, asked);
  const whose = ownWindow(touch.source, asked) ? ` for ${touch.source}` : "";
  switch (verdict) {
    case "credited":
      return null;
    case "later":
      return "it came after the conversion.";
    case "left-out":
      return `the window${whose} is 0 days, which leaves it out.`;
    case "too-old":
      return `it came before the window${whose} began, ${days} ${days === 1 ? "day" : "days"} before the conversion.`;
    case "direct":
      return "direct visits are left out.";
    case "passed-over":
      return passedOver(touch, asked, winners);
  }
}

/** The look-back window of a source; sources are compared without regard to case or outer space. */
function daysFor(source: string, asked: Asked): number {
  return ownWindow(source, asked)?.days ?? asked.windowDays;
}

function ownWindow(source: string, asked: Asked): SourceWindow | undefined {
  const effective = (name: string) => name.trim().toLowerCase();
  return asked.sourceWindows.find((window) => effective(window.source) === effective(source));
}

function passedOver(touch: JudgedTouch, asked: Asked, winners: readonly { channel: string }[]): string {
  const isWonByDirect = winners.some(({ channel }) => channel === DIRECT);
  switch (asked.model) {
    case "FIRST_TOUCH":
      return "another touch was the first in the window.";
    case "LAST_TOUCH":
      return "another touch was the last in the window.";
    case "LAST_NON_DIRECT":
      if (isWonByDirect) {
        return "another touch was the last in the window, where all are direct.";
      }
      return touch.channel === DIRECT
        ? "it was direct, and another touch in the window was not."
        : "another touch was the last in the window that was not direct.";
    case "TIME_DECAY":
      return "it came so long before the last touch that its share rounds to nothing.";
    default:
      return `${asked.label} gives it nothing.`;
  }
}
