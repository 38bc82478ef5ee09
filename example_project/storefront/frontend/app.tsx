// The whole storefront: what all pages need is loaded once, and the address says which page is shown.

import { LocationProvider, Route, Router } from "preact-iso/router";
import { useEffect, useState } from "preact/hooks";

import { getSession, getShelves, type Session } from "./api";
import { forgetKey, ORDER_PLACED } from "./attribution/keys";
import { AccountPage } from "./pages/account";
import { CartPage } from "./pages/cart";
import { HomePage } from "./pages/home";
import { LandingPage } from "./pages/landing";
import { NotFound } from "./pages/not-found";
import { OrderPage } from "./pages/order";
import { ProductPage } from "./pages/product";
import { SignUpPage } from "./pages/sign-up";
import { Footer } from "./parts/footer";
import { Loading } from "./parts/loading";
import { Masthead } from "./parts/masthead";
import { HOME } from "./routes";
import { ShopContext, type Shop } from "./shop";
import { useLoaded } from "./task";

interface Message {
  text: string;
  /** The page that it is said on. */
  path: string;
}

export function App() {
  const [session, showSession] = useState<Session | null>(null);
  const [message, setMessage] = useState<Message | null>(null);
  const setSession = (session: Session) => {
    if (session.cart.count === 0) {
      forgetKey(ORDER_PLACED); // a key is of one cart: what is put into it from now on is another order
    }
    showSession(session);
  };
  const shelves = useLoaded(async () => {
    const [shelves, session] = await Promise.all([getShelves(), getSession()]);
    setSession(session);
    return shelves;
  });
  useWayBack(setSession);
  const say = (text: string) => setMessage({ text, path: location.pathname });
  const forgetOld = () => setMessage((last) => (last?.path === location.pathname ? last : null));
  const shop: Shop | null = shelves.data && session && { shelves: shelves.data, session, setSession, say };
  return (
    <LocationProvider scope={HOME}>
      <ShopContext.Provider value={shop}>
        <a class="skip" href="#content">
          Skip to content
        </a>
        <Masthead count={session?.cart.count ?? 0} />
        <main id="content" class="wrap" tabIndex={-1}>
          <div class="messages" role="status">
            {message && <p class="message">{message.text}</p>}
          </div>
          {shop ? <Pages onLeave={forgetOld} /> : <Loading of={shelves} />}
        </main>
        {shop && <Footer />}
      </ShopContext.Provider>
    </LocationProvider>
  );
}

function Pages({ onLeave }: { onLeave: () => void }) {
  return (
    <Router onRouteChange={onLeave}>
      <Route path="/store/" component={HomePage} />
      <Route path="/store/landing/:slug/" component={LandingPage} />
      <Route path="/store/products/:slug/" component={ProductPage} />
      <Route path="/store/cart/" component={CartPage} />
      <Route path="/store/sign-up/" component={SignUpPage} />
      <Route path="/store/account/" component={AccountPage} />
      <Route path="/store/orders/:number/" component={OrderPage} />
      <Route default component={NotFound} />
    </Router>
  );
}

/** A page that the browser kept alive, while its visitor went away to pay, knows nothing of what happened since. */
function useWayBack(setSession: (session: Session) => void): void {
  useEffect(() => {
    const refresh = (event: PageTransitionEvent) => {
      if (event.persisted) {
        getSession().then(setSession, () => undefined); // offline: what is shown was true
      }
    };
    addEventListener("pageshow", refresh);
    return () => removeEventListener("pageshow", refresh);
  }, []);
}
