// An order and how it stands. The payment provider sends customers back to here, with a token that confirms the
// conversion: perhaps before its own message has reached the shop. Whichever comes first confirms; both are one.

import { useRoute } from "preact-iso/router";

import { Refused } from "../../../../graphql_api/frontend/server";
import { getOrder, type Order } from "../api";
import { confirmPayment } from "../attribution/payment";
import { Heading } from "../parts/heading";
import { Loading } from "../parts/loading";
import { OrderLines } from "../parts/order-lines";
import { HOME } from "../routes";
import { useLoaded } from "../task";
import { NotFound } from "./not-found";

export function OrderPage() {
  const number = useRoute().params["number"] ?? "";
  return <OrderView key={number} number={number} />;
}

function OrderView({ number }: { number: string }) {
  const loaded = useLoaded(async () => {
    const isRefused = (await confirmFromAddress()) === false;
    return { isRefused, order: await getOrder(number) };
  });
  if (loaded.error instanceof Refused && loaded.error.code === "404") {
    return <NotFound />;
  }
  if (!loaded.data) {
    return <Loading of={loaded} />;
  }
  const { isRefused, order } = loaded.data;
  return (
    <>
      {isRefused && (
        <p class="trouble" role="alert">
          The address you came by does not confirm a payment: it was altered, or it is too old. If you have paid, nothing
          is lost. The payment provider tells us, too.
        </p>
      )}
      <State order={order} />
      <section class="panel" aria-label="What you ordered">
        <OrderLines order={order} />
      </section>
      <p class="aside">
        <a href={HOME}>Back to the shop</a>
      </p>
    </>
  );
}

function State({ order }: { order: Order & { isPaymentConfirmed: boolean } }) {
  const number = <strong>{order.number}</strong>;
  if (order.status === "refunded") {
    return (
      <>
        <Heading title={`Order ${order.number}`} />
        <p class="lead">This order was refunded.</p>
      </>
    );
  }
  if (order.status === "paid") {
    return (
      <>
        <Heading title="Thank you" />
        <p class="lead">
          Your order {number} is paid. The receipt goes to {order.email}.
        </p>
      </>
    );
  }
  if (order.isPaymentConfirmed) {
    return (
      <>
        <Heading title="Thank you" />
        <p class="lead">
          Your payment of order {number} is confirmed. The shop still waits for the payment provider's own message; in
          this demo <a href={order.payUrl}>the provider's page</a> sends it.
        </p>
      </>
    );
  }
  return (
    <>
      <Heading title={`Order ${order.number}`} />
      <p class="lead">We keep it for you until it is paid.</p>
      <p>
        <a class="button" href={order.payUrl}>
          Pay now
        </a>
      </p>
    </>
  );
}

/**
 * Confirm the payment if the address carries a token, and take the token out of the address once it has an answer.
 * Return whether it did; null without a token.
 */
async function confirmFromAddress(): Promise<boolean | null> {
  const token = new URLSearchParams(location.search).get("confirmation");
  if (!token) {
    return null;
  }
  const isConfirmed = await confirmPayment(token);
  history.replaceState(null, "", location.pathname);
  return isConfirmed;
}
