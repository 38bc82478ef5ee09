// Products side by side; each card is one link.

import type { Product } from "../api";
import { productAt } from "../routes";
import { useShop } from "../shop";
import { money } from "../words";
import { Art } from "./art";

export function ProductGrid({ products }: { products: Product[] }) {
  const { currency } = useShop().session;
  if (products.length === 0) {
    return (
      <p class="muted">
        Nothing here yet. <code>manage.py load_demo_data</code> fills the shelves.
      </p>
    );
  }
  return (
    <ul class="grid">
      {products.map((product) => (
        <li key={product.slug} class="card">
          <Art kind={product.kind} className="tile" />
          <div class="card-text">
            <h3>
              <a href={productAt(product.slug)}>{product.name}</a>
            </h3>
            <p class="muted">{product.summary}</p>
            <p class="price">{money(product.prices[currency] ?? "0", currency)}</p>
          </div>
        </li>
      ))}
    </ul>
  );
}
