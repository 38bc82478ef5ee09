// A visitor's journey to one conversion: the touches in order of time, each with its credit and verdict. Pure.

import type { Credit, Touch } from "./queries";
import { verdictOf, type Asked, type Verdict } from "./verdict";

export interface Step {
  id: string;
  /** What is known of the touch; without the permission to view touches only what its credit says. */
  touch: Omit<Touch, "id" | "landingUrl" | "clickIds"> & Partial<Pick<Touch, "landingUrl" | "clickIds">>;
  credit: Credit | null;
  /** Which of the conversion's credits it is, from 0; its colour. */
  number: number | null;
  verdict: Verdict;
}

/**
 * Bring journey and credits together. Where the journey is cut off, or cannot be seen, credits bring their touches
 * along: those come later than all that was seen.
 */
export function stepsOf(
  journey: readonly Touch[] | null,
  credits: readonly Credit[],
  convertedAt: string,
  asked: Asked,
): Step[] {
  const seen = journey ?? [];
  const numbers = new Map(credits.map(({ touchpoint }, number) => [touchpoint?.id, number]));
  const steps = seen.map((touch): Step => {
    const number = numbers.get(touch.id) ?? null;
    const credit = number === null ? null : credits[number]!;
    return { id: touch.id, touch, credit, number, verdict: verdictOf(touch, convertedAt, asked, credit !== null) };
  });
  const shown = new Set(seen.map(({ id }) => id));
  const further = credits.flatMap((credit, number): Step[] => {
    const { touchpoint } = credit;
    if (touchpoint && shown.has(touchpoint.id)) {
      return [];
    }
    const touch = touchpoint ?? { ...credit, occurredAt: credit.touchedAt };
    return [{ id: touchpoint?.id ?? `credit ${number}`, touch, credit, number, verdict: "credited" }];
  });
  return [...steps, ...further];
}
