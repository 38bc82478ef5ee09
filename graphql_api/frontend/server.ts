// Talks JSON to Django: POST with the CSRF token, one renewal of a token that has gone stale, and errors that say
// whether the server was reached. Knows nothing of GraphQL.

export interface Server {
  /** Where a fresh CSRF token comes from: `csrf/` beside the GraphQL endpoint. */
  csrfUrl: string;
  /** The token that Django wrote into the page; empty where another server served it. */
  csrfToken: string;
}

/** No answer came: offline, a time-out, or a server that is down. The call may be repeated as it was. */
export class Unreachable extends Error {
  override name = "Unreachable";
}

/** The server answered, and not with what was asked for. */
export class Refused extends Error {
  override name = "Refused";

  constructor(
    message: string,
    /** Of the API's error, or HTTP's status. */
    readonly code: string,
    /** What else the answer held. */
    readonly body: unknown = null,
  ) {
    super(message);
  }
}

const PATIENCE = 30_000; // milliseconds

/**
 * Post JSON and return the answer's JSON.
 *
 * Rejects with `Unreachable` or `Refused`, and with an `AbortError` when the signal says so.
 */
export async function post(server: Server, url: string, body: unknown, signal?: AbortSignal): Promise<unknown> {
  let response = await send(server, url, body, signal);
  if (isCsrfFailure(response)) {
    server.csrfToken = ""; // a login elsewhere has changed it, or the cookie is gone
    response = await send(server, url, body, signal);
  }
  return read(response);
}

/** Get JSON. Rejects as `post` does. */
export async function get(url: string, signal?: AbortSignal): Promise<unknown> {
  return read(await reach(url, { headers: { Accept: "application/json" } }, signal));
}

async function send(server: Server, url: string, body: unknown, signal?: AbortSignal): Promise<Response> {
  server.csrfToken ||= await freshToken(server, signal);
  const headers = {
    Accept: "application/json",
    "Content-Type": "application/json",
    "X-CSRFToken": server.csrfToken,
  };
  return reach(url, { method: "POST", headers, body: JSON.stringify(body) }, signal);
}

async function freshToken(server: Server, signal?: AbortSignal): Promise<string> {
  const answer = (await get(server.csrfUrl, signal)) as { csrfToken: string };
  return answer.csrfToken;
}

/** Django answers a failed CSRF check with a page; whatever else refuses here, answers in JSON. */
function isCsrfFailure(response: Response): boolean {
  return response.status === 403 && !isJson(response);
}

async function reach(url: string, options: RequestInit, signal?: AbortSignal): Promise<Response> {
  const patience = AbortSignal.timeout(PATIENCE);
  try {
    return await fetch(url, {
      ...options,
      credentials: "same-origin",
      signal: signal ? AbortSignal.any([signal, patience]) : patience,
    });
  } catch (error) {
    if (signal?.aborted) {
      throw error;
    }
    throw new Unreachable("The server cannot be reached. Check the connection, then try again.", { cause: error });
  }
}

async function read(response: Response): Promise<unknown> {
  const body: unknown = isJson(response) ? await response.json() : null;
  if (!response.ok || body === null) {
    throw new Refused(reason(response), String(response.status), body);
  }
  return body;
}

function reason(response: Response): string {
  if (isCsrfFailure(response)) {
    return "The server did not accept this page's security token. Allow cookies for this site and reload the page.";
  }
  return `The server answered ${response.status} ${response.statusText}`.trim() + ". Try again in a moment.";
}

function isJson(response: Response): boolean {
  return /^application\/([\w.-]+\+)?json\b/.test(response.headers.get("Content-Type") ?? "");
}
