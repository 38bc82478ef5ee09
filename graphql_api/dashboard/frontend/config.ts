// What Django wrote into the page: whom to ask.

import { createContext } from "preact";
import { useContext } from "preact/hooks";

import type { Endpoint } from "../../frontend/ask";

export interface Config extends Endpoint {
  csvUrl: string;
}

export const ConfigContext = createContext<Config | null>(null);

export function useConfig(): Config {
  const config = useContext(ConfigContext);
  if (!config) {
    throw new Error("useConfig needs a ConfigContext around it.");
  }
  return config;
}

/** Read the configuration out of the page. */
export function configOf(page: Document): Config {
  const script = page.getElementById("dashboard-config");
  if (!script) {
    throw new Error("The page has no #dashboard-config. Templates that extend attribution_dashboard/dashboard.html do.");
  }
  return JSON.parse(script.textContent) as Config;
}
