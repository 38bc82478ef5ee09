// Starts the dashboard in the page that Django serves.

import { render } from "preact";

import "./style.css"; // before the parts of it that views bring
import { ConfigContext, configOf } from "./config";
import { Dashboard } from "./dashboard";
import { servedParts } from "./served";

const root = document.getElementById("dashboard")!;
const parts = servedParts(document);
root.replaceChildren();
render(
  <ConfigContext.Provider value={configOf(document)}>
    <Dashboard {...parts} />
  </ConfigContext.Provider>,
  root,
);
