// Starts the dashboard in the page that Django serves.

import { render } from "preact";

import "./style.css"; // before the parts of it that views bring
import { ConfigContext, configOf } from "./config";
import { Dashboard } from "./dashboard";

const root = document.getElementById("dashboard")!;
root.replaceChildren();
render(
  <ConfigContext.Provider value={configOf(document)}>
    <Dashboard />
  </ConfigContext.Provider>,
  root,
);
