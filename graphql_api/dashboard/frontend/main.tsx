// Starts the dashboard in the page that Django serves.

import { render } from "preact";

import { ConfigContext, configOf } from "./config";
import { Dashboard } from "./dashboard";
import "./style.css";

const root = document.getElementById("dashboard")!;
root.replaceChildren();
render(
  <ConfigContext.Provider value={configOf(document)}>
    <Dashboard />
  </ConfigContext.Provider>,
  root,
);
