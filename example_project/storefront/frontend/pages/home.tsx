// The front page: everything there is, and where to begin.

import { Art } from "../parts/art";
import { Heading } from "../parts/heading";
import { ProductGrid } from "../parts/product-grid";
import { landingAt } from "../routes";
import { useShop } from "../shop";

export function HomePage() {
  const { products, landings } = useShop().shelves;
  return (
    <>
      <section class="hero">
        <div>
          <Heading title="Good paper makes you want to write on it." />
          <p class="lead">Notebooks, pens and ink for desks, bags and letters. Few things, chosen well.</p>
          <p>
            <a class="button" href="#products">
              See all products
            </a>
          </p>
        </div>
        <Art kind="notebook" className="hero-art" />
      </section>
      <section aria-labelledby="products">
        <h2 id="products">Products</h2>
        <ProductGrid products={products} />
      </section>
      <section aria-labelledby="reading">
        <h2 id="reading">Where to begin</h2>
        <ul class="guides">
          {landings.map((landing) => (
            <li key={landing.slug} class="guide">
              <p class="eyebrow">{landing.eyebrow}</p>
              <h3>
                <a href={landingAt(landing.slug)}>{landing.headline}</a>
              </h3>
              <p>{landing.text}</p>
            </li>
          ))}
        </ul>
      </section>
    </>
  );
}
