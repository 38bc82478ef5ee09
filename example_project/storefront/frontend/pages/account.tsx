// A customer's orders; for everybody else the way to become one.

import { Refused } from "../../../../graphql_api/frontend/server";
import { changeUser, getAccount, getSession, type Order } from "../api";
import { forgetAll } from "../kept";
import { Button } from "../parts/button";
import { Heading } from "../parts/heading";
import { Loading } from "../parts/loading";
import { Trouble } from "../parts/trouble";
import { HOME, orderAt } from "../routes";
import { useShop } from "../shop";
import { useLoaded, useTask } from "../task";
import { day, money } from "../words";
import { LogIn } from "./log-in";

export function AccountPage() {
  const { user } = useShop().session;
  return user ? <Account key={user.name + user.email} /> : <LogIn />;
}

function Account() {
  const { session, setSession, say } = useShop();
  const account = useLoaded(async () => {
    try {
      const account = await getAccount();
      setSession(account); // of another customer, if another tab has logged one in: name and orders are of one answer
      return account;
    } catch (error) {
      if (error instanceof Refused && error.code === "401") {
        setSession(await getSession()); // logged out in another tab, or too long ago
      }
      throw error;
    }
  });
  const leave = useTask(async () => {
    const session = await changeUser("log-out", {});
    forgetAll();
    setSession(session);
    say("You are logged out.");
  });
  const { name, email } = account.data?.user ?? session.user!;
  return (
    <>
      <div class="title-row">
        <div>
          <Heading title={`Hello, ${name}`} />
          <p class="muted">{email}</p>
        </div>
        <Button type="button" isQuiet isBusy={leave.isBusy} onClick={() => leave.run(null)}>
          Log out
        </Button>
      </div>
      <Trouble task={leave} />
      <section aria-labelledby="orders">
        <h2 id="orders">Your orders</h2>
        {account.data ? <Orders orders={account.data.orders} /> : <Loading of={account} />}
      </section>
    </>
  );
}

function Orders({ orders }: { orders: Order[] }) {
  if (orders.length === 0) {
    return (
      <p class="lead">
        None yet. <a href={HOME}>Have a look around</a>.
      </p>
    );
  }
  return (
    <ol class="orders">
      {orders.map((order) => (
        <li key={order.number} class="order">
          <div>
            <h3>
              <a href={orderAt(order.number)}>{order.number}</a>
            </h3>
            <p class="muted">
              <time dateTime={order.createdAt}>{day(order.createdAt)}</time>
            </p>
          </div>
          <ul class="order-products">
            {order.lines.map((line) => (
              <li key={line.name}>
                {line.quantity} × {line.name}
              </li>
            ))}
          </ul>
          <div class="order-state">
            <p class="price">{money(order.total, order.currency)}</p>
            <span class={`badge badge-${order.status}`}>{order.statusName}</span>
          </div>
        </li>
      ))}
    </ol>
  );
}
