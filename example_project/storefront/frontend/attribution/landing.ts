// Where the visitor landed, told to the server when Django did not serve the page. It is noted at once and told as soon
// as the server can be reached, before anything else is recorded; the shop never waits for it for long.

import { ask } from "../../../../graphql_api/frontend/ask";
import { config, isServedByDjango } from "../config";
import { graphql } from "../graphql";
import { keep, kept } from "../kept";

export interface Landing {
  url: string;
  referrer: string;
}

const LANDED = graphql(`
  mutation Landed($input: RecordTouchpointInput!) {
    recordTouchpoint(input: $input) {
      recorded
      errors {
        code
      }
    }
  }
`);

/** Milliseconds that a sale waits for attribution: for the landings and its announcement together. */
export const PATIENCE = 3_000;
const UNTOLD = "landings:untold";
const LAST = "landings:last";
const LATER = ["UNAVAILABLE", "RATE_LIMITED"]; // error codes that say to repeat the call

let telling: Promise<void> | null = null;

/** Note and tell where the visitor landed; of a page that the browser prepares in advance, once somebody looks at it. */
export function watchLanding(): void {
  const { prerendering } = document as Document & { prerendering?: boolean }; // Chromium's; no other browser prerenders
  if (prerendering) {
    document.addEventListener("prerenderingchange", watchLanding, { once: true });
    return;
  }
  noteLanding();
  void tellLandings();
}

/** Tell of landings that the server does not know yet, if there are any. Never rejects: the next call tries again. */
export function tellLandings(signal = AbortSignal.timeout(PATIENCE)): Promise<void> {
  telling ??= tell(signal).finally(() => {
    telling = null;
  });
  return telling;
}

/** Note a landing, once for each time: a reload, or a way back through the history, is none. */
function noteLanding(): void {
  const [navigation] = performance.getEntriesByType("navigation") as PerformanceNavigationTiming[];
  const isSeenAgain = navigation?.type === "reload" || navigation?.type === "back_forward";
  if (isServedByDjango || (isSeenAgain && kept(LAST) === location.href)) {
    return;
  }
  keep(LAST, location.href);
  keepUntold([...untold(), { url: location.href, referrer: document.referrer }]);
}

async function tell(signal: AbortSignal): Promise<void> {
  for (let [landing] = untold(); landing; [landing] = untold()) {
    try {
      const { recordTouchpoint } = await ask(config, LANDED, { input: landing }, signal);
      if (recordTouchpoint.errors.some((error) => LATER.includes(error.code))) {
        return;
      }
    } catch {
      return; // offline, or a server in trouble
    }
    keepUntold(untold().slice(1));
  }
}

/** Return the landings that the server does not know yet, as far as this page knows. */
export function untold(): Landing[] {
  const landings = kept<Landing[]>(UNTOLD);
  return Array.isArray(landings) ? landings : [];
}

export function keepUntold(landings: Landing[]): void {
  keep(UNTOLD, landings);
}
