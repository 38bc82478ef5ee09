// The page that a campaign leads to. It knows nothing of attribution: who landed is told before any page is shown.

import { useRoute } from "preact-iso/router";

import { Art } from "../parts/art";
import { Heading } from "../parts/heading";
import { ProductGrid } from "../parts/product-grid";
import { HOME } from "../routes";
import { useShop } from "../shop";
import { NotFound } from "./not-found";

export function LandingPage() {
  const { slug } = useRoute().params;
  const { products, landings } = useShop().shelves;
  const landing = landings.find((landing) => landing.slug === slug);
  if (!landing) {
    return <NotFound />;
  }
  return (
    <>
      <section class="hero">
        <div>
          <p class="eyebrow">{landing.eyebrow}</p>
          <Heading key={slug} title={landing.headline} />
          <p class="lead">{landing.text}</p>
          <p>
            <a class="button" href="#offer">
              See what we chose
            </a>
          </p>
        </div>
        <Art kind={landing.kinds[0] ?? "paper"} className="hero-art" />
      </section>
      <section id="offer" aria-labelledby="offer-heading">
        <h2 id="offer-heading">What we chose</h2>
        <ProductGrid products={products.filter((product) => landing.kinds.includes(product.kind))} />
      </section>
      <p class="aside">
        Looking for something else? <a href={HOME}>See all products</a>.
      </p>
    </>
  );
}
