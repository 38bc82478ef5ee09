// Whom to ask: what Django wrote into the page, or where everything is when another server served it.

import type { Endpoint } from "../../../graphql_api/frontend/ask";

export interface Config extends Endpoint {
  apiUrl: string;
}

const ELSEWHERE: Config = {
  graphqlUrl: "/graphql/",
  csrfUrl: "/graphql/csrf/",
  csrfToken: "", // fetched before the first POST
  apiUrl: "/store/api/",
};

const written = document.getElementById("storefront-config")?.textContent;

/** Whether Django served this page. It has seen the visitor arrive then, and nobody needs to tell it. */
export const isServedByDjango = written !== undefined;

export const config: Config = written ? (JSON.parse(written) as Config) : ELSEWHERE;
