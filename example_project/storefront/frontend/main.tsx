// Starts the storefront, whoever served its page.

import { render } from "preact";

import { App } from "./app";
import { watchLanding } from "./attribution/landing";
import { HOME } from "./routes";
import "./style.css";

watchLanding();
try {
  decodeURI(location.pathname);
} catch {
  history.replaceState(null, "", `${HOME}unreadable/`); // half of a character, which the router could not read
}
render(<App />, document.getElementById("storefront")!);
