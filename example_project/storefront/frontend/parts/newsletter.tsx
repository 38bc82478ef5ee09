// Subscribing to the letter: a conversion that only the browser tells of. It stays a claim, as it is worth nothing.

import { useEffect, useRef, useState } from "preact/hooks";

import { Refused } from "../../../../graphql_api/frontend/server";
import { recordConversion } from "../attribution/conversion";
import { forgetKey, keyOf } from "../attribution/keys";
import { keep, kept } from "../kept";
import { useTask } from "../task";
import { Button } from "./button";
import { Trouble } from "./trouble";

const EVENT = "newsletter_signup";
const DONE = "newsletter:done";

export function Newsletter() {
  const [isDone, setDone] = useState(kept(DONE) !== null);
  const thanks = useRef<HTMLParagraphElement>(null);
  const hasSubscribed = useRef(false);
  const subscribe = useTask(async () => {
    // A real shop hands the address to its newsletter here. Attribution has no use for it, and does not get it.
    await recordSignup();
    keep(DONE, "yes");
    hasSubscribed.current = true;
    setDone(true);
  });
  useEffect(() => {
    if (hasSubscribed.current) {
      thanks.current?.focus({ preventScroll: true }); // the form, which had it, is gone
    }
  }, [isDone]);
  return (
    <section class="newsletter" aria-labelledby="newsletter">
      <h2 id="newsletter">The Tuesday letter</h2>
      {isDone ? (
        <p ref={thanks} class="thanks" tabIndex={-1}>
          Thank you. The next letter comes on Tuesday.
        </p>
      ) : (
        <>
          <p>New papers, and what people write on them. Once a week.</p>
          <form
            onSubmit={(event) => {
              event.preventDefault();
              subscribe.run(null);
            }}
          >
            <label for="newsletter-email">Your e-mail address</label>
            <div class="buy-row">
              <input id="newsletter-email" name="email" type="email" autocomplete="email" required />
              <Button isBusy={subscribe.isBusy}>Subscribe</Button>
            </div>
            <Trouble task={subscribe} />
          </form>
        </>
      )}
    </section>
  );
}

async function recordSignup(): Promise<void> {
  try {
    await recordConversion({ event: EVENT, idempotencyKey: keyOf(EVENT) });
  } catch (error) {
    if (!(error instanceof Refused && error.code === "IDEMPOTENCY_KEY_REUSED")) {
      throw error;
    }
    forgetKey(EVENT); // it was made by another visitor in this tab, who has logged in or out since
    await recordConversion({ event: EVENT, idempotencyKey: keyOf(EVENT) });
  }
}
