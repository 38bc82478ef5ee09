// The bottom of every page: the newsletter, the currency, and the way to the shop that Django renders.

import { chooseCurrency } from "../api";
import { useShop } from "../shop";
import { useTask } from "../task";
import { Newsletter } from "./newsletter";
import { Trouble } from "./trouble";

export function Footer() {
  const { session, setSession, say } = useShop();
  const choose = useTask(async (currency: string) => {
    setSession(await chooseCurrency(currency));
    say(`Prices are in ${currency} now.`);
  });
  return (
    <footer class="footer">
      <div class="wrap">
        <Newsletter />
        <div class="footer-row">
          <p>
            Quire is the example shop of django-attribution-graphql. Nothing here is sold. This is its single-page
            storefront; <a href="/">Django renders the same shop</a>.
          </p>
          <div class="currency">
            <span id="currency-label">Prices in</span>
            <span class="choices" role="group" aria-labelledby="currency-label">
              {session.currencies.map((currency) => (
                <button
                  key={currency}
                  type="button"
                  aria-pressed={currency === session.currency}
                  onClick={() => choose.run(currency)}
                >
                  {currency}
                </button>
              ))}
            </span>
          </div>
        </div>
        <Trouble task={choose} />
      </div>
    </footer>
  );
}
