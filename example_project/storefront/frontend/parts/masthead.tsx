// The top of every page.

import { useLocation } from "preact-iso/router";

import { ACCOUNT, CART, HOME } from "../routes";

export function Masthead({ count }: { count: number }) {
  return (
    <header class="masthead">
      <div class="wrap masthead-row">
        <a class="brand" href={HOME}>
          Quire<span class="brand-note"> paper &amp; ink</span>
        </a>
        <nav aria-label="Main">
          <ul class="nav">
            <li>
              <NavLink to={HOME}>Products</NavLink>
            </li>
            <li>
              <NavLink to={ACCOUNT}>Account</NavLink>
            </li>
            <li>
              <NavLink to={CART}>
                Cart
                {count > 0 && (
                  <>
                    {" "}
                    <span class="count">
                      {count}
                      <span class="unseen"> {count === 1 ? "item" : "items"}</span>
                    </span>
                  </>
                )}
              </NavLink>
            </li>
          </ul>
        </nav>
      </div>
    </header>
  );
}

function NavLink({ to, children }: { to: string; children: preact.ComponentChildren }) {
  const { path } = useLocation();
  return (
    <a href={to} {...(`${path}/` === to && { "aria-current": "page" as const })}>
      {children}
    </a>
  );
}
