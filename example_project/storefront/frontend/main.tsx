// Starts the storefront, whoever served its page.

import { render } from "preact";

import { App } from "./app";
import { noteLanding, tellLandings } from "./attribution/landing";
import "./style.css";

noteLanding();
void tellLandings();
render(<App />, document.getElementById("storefront")!);
