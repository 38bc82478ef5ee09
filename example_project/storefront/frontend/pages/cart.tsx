// The cart, and below it the checkout.

import { changeCart, type CartLine, type Product } from "../api";
import { Art } from "../parts/art";
import { Button } from "../parts/button";
import { focusHeading, Heading } from "../parts/heading";
import { Trouble } from "../parts/trouble";
import { HOME, orderAt, productAt } from "../routes";
import { useShop } from "../shop";
import { useTask } from "../task";
import { money } from "../words";
import { Checkout } from "./checkout";

export function CartPage() {
  const { shelves, session } = useShop();
  const { cart, currency, unpaidOrder } = session;
  return (
    <>
      <Heading title="Your cart" />
      {unpaidOrder && (
        <p class="lead">
          Your order <a href={orderAt(unpaidOrder)}>{unpaidOrder}</a> waits for its payment.
        </p>
      )}
      {cart.count === 0 ? (
        <p class="lead">
          The cart is empty. <a href={HOME}>Have a look around</a>.
        </p>
      ) : (
        <>
          <ul class="lines">
            {cart.lines.map((line) => {
              const product = shelves.products.find((product) => product.slug === line.slug);
              return product && <Line key={line.slug} line={line} product={product} />;
            })}
          </ul>
          <div class="sum">
            <p>
              Total <strong class="price-big">{money(cart.total, currency)}</strong>
            </p>
          </div>
          <Checkout />
        </>
      )}
    </>
  );
}

function Line({ line, product }: { line: CartLine; product: Product }) {
  const { session, setSession, say } = useShop();
  const { currency } = session;
  const change = useTask(async (quantity: string) => {
    setSession(await changeCart(line.slug, "set", quantity));
    if (quantity === "0") {
      say(`${product.name} is out of your cart.`);
      focusHeading(); // the button that was pressed is gone
    } else {
      say(`${product.name}: ${quantity} in your cart.`);
    }
  });
  const send = (event: SubmitEvent) => {
    event.preventDefault();
    change.run(String(new FormData(event.currentTarget as HTMLFormElement).get("quantity")));
  };
  const id = `quantity-${line.slug}`;
  return (
    <li class="line">
      <Art kind={product.kind} className="tile tile-small" />
      <div class="line-name">
        <a href={productAt(line.slug)}>{product.name}</a>
        <p class="muted">{money(product.prices[currency] ?? "0", currency)} each</p>
      </div>
      <form class="line-quantity" onSubmit={send}>
        <label class="unseen" for={id}>
          Quantity of {product.name}
        </label>
        <input id={id} class="quantity" type="number" name="quantity" defaultValue={String(line.quantity)} key={line.quantity} min="0" max="20" inputMode="numeric" required />
        <Button isQuiet isBusy={change.isBusy}>
          Update<span class="unseen"> the quantity of {product.name}</span>
        </Button>
        <Trouble task={change} />
      </form>
      <p class="price">{money(line.price, currency)}</p>
    </li>
  );
}
