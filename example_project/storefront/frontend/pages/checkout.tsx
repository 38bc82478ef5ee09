// Ordering. The browser announces the conversion, the server places the order and takes the conversion over: one key,
// one order, one conversion, whatever is clicked twice, reloaded, or lost on the way.

import { Refused } from "../../../../graphql_api/frontend/server";
import { getSession, placeOrder, type Session, type Values } from "../api";
import { recordConversion } from "../attribution/conversion";
import { forgetKey, keyOf, ORDER_PLACED } from "../attribution/keys";
import { keepUntold, PATIENCE, tellLandings, untold } from "../attribution/landing";
import { Field, Form } from "../parts/form";
import { ACCOUNT } from "../routes";
import { useShop } from "../shop";
import { useTask } from "../task";
import { trouble } from "../words";


export function Checkout() {
  const { session, setSession, say } = useShop();
  const order = useTask(async ({ email = "" }: Values) => {
    const key = keyOf(ORDER_PLACED, contentOf(session.cart, session.currency));
    await announce(session, key);
    try {
      const placed = await placeOrder(key, email, session, untold());
      keepUntold([]);
      location.assign(placed.payUrl);
    } catch (error) {
      if (error instanceof Refused && error.code === "409") {
        forgetKey(ORDER_PLACED); // what it stood for is not what is there
        setSession(await getSession());
        say(trouble(error)); // the form, and what it says, may be gone with the cart
      }
      throw error;
    }
    forgetKey(ORDER_PLACED);
    await new Promise((resolve) => addEventListener("pageshow", resolve, { once: true })); // busy until they come back
  });
  return (
    <section class="panel checkout" aria-labelledby="checkout">
      <h2 id="checkout">Checkout</h2>
      <Form task={order} fields={["email"]} submit="Order and pay">
        <Field
          name="email"
          label="E-mail address"
          type="email"
          autocomplete="email"
          help="For the receipt."
          value={session.user?.email ?? ""}
          error={order.error}
        />
      </Form>
      {!session.user && (
        <p class="help">
          You order as a guest. <a href={ACCOUNT}>Log in</a> to find the order in your account.
        </p>
      )}
    </section>
  );
}

/** Tell attribution what is about to be ordered, for what the cart shows. No failure of this stops a sale. */
async function announce({ cart, currency }: Session, key: string): Promise<void> {
  const value = { amount: cart.total, currency };
  try {
    const signal = AbortSignal.timeout(PATIENCE);
    await tellLandings(signal);
    if (untold().length > 0) {
      return; // the order brings them along; what is announced before its landing would not be credited to it
    }
    await recordConversion({ event: ORDER_PLACED, value, idempotencyKey: key }, signal);
  } catch {
    // The server records the conversion with the order in any case, and it knows the amount better.
  }
}

/** What the key stands for: another cart is another order. */
function contentOf(cart: Session["cart"], currency: string): string {
  return JSON.stringify([cart.lines.map((line) => [line.slug, line.quantity, line.price]), currency]);
}
