// One product, and the way into the cart.

import { useRoute } from "preact-iso/router";

import { changeCart, type Product, type Values } from "../api";
import { Art } from "../parts/art";
import { Button } from "../parts/button";
import { Heading } from "../parts/heading";
import { Trouble } from "../parts/trouble";
import { CART, HOME } from "../routes";
import { useShop } from "../shop";
import { useTask } from "../task";
import { money } from "../words";
import { NotFound } from "./not-found";

export function ProductPage() {
  const { slug } = useRoute().params;
  const product = useShop().shelves.products.find((product) => product.slug === slug);
  return product ? <ProductView key={product.slug} product={product} /> : <NotFound />;
}

function ProductView({ product }: { product: Product }) {
  const { currency } = useShop().session;
  return (
    <>
      <nav class="crumbs" aria-label="Breadcrumb">
        <a href={HOME}>Products</a> <span aria-hidden="true">/</span> <span aria-current="page">{product.name}</span>
      </nav>
      <article class="product">
        <Art kind={product.kind} className="tile tile-big" />
        <div>
          <p class="eyebrow">{product.kindName}</p>
          <Heading title={product.name} />
          <p class="price price-big">{money(product.prices[currency] ?? "0", currency)}</p>
          <p class="lead">{product.description}</p>
          <Buy product={product} />
        </div>
      </article>
    </>
  );
}

function Buy({ product }: { product: Product }) {
  const { setSession, say } = useShop();
  const add = useTask(async ({ quantity = "1" }: Values) => {
    const session = await changeCart(product.slug, "add", quantity);
    const line = session.cart.lines.find((line) => line.slug === product.slug);
    setSession(session);
    say(`${product.name} is in your cart (${line?.quantity} in all).`);
  });
  const send = (event: SubmitEvent) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget as HTMLFormElement);
    add.run({ quantity: String(form.get("quantity")) });
  };
  return (
    <form class="buy" onSubmit={send}>
      <label for="quantity">Quantity</label>
      <div class="buy-row">
        <input id="quantity" class="quantity" type="number" name="quantity" defaultValue="1" min="1" max="20" inputMode="numeric" required />
        <Button isBusy={add.isBusy}>Add to cart</Button>
      </div>
      <Trouble task={add} />
      <p class="help">
        <a href={CART}>Go to the cart</a>
      </p>
    </form>
  );
}
