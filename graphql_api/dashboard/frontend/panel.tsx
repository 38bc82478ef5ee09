// A part of the page that shows an answer: it says when one is on its way, why there is none, and what to do then.

import type { ComponentChildren } from "preact";
import { useId } from "preact/hooks";

import { Refused, Unreachable } from "../../frontend/server";
import type { Answer } from "./answer";

interface PanelProps<Result> {
  title: string;
  answer: Answer<Result>;
  /** What stands beside the title: choices that belong to this panel alone. */
  controls?: ComponentChildren;
  children: (data: Result) => ComponentChildren;
}

/** While another answer is on its way the last one stays, dimmed, so that nothing jumps. */
export function Panel<Result>({ title, answer, controls, children }: PanelProps<Result>) {
  const id = useId();
  const { data, error, isLoading } = answer;
  return (
    <section class="panel" aria-labelledby={id} aria-busy={isLoading}>
      <div class="panel-head">
        <h2 id={id}>{title}</h2>
        {controls}
      </div>
      <p class="loading" role="status">
        {isLoading && (data ? "Updating" : "Loading")}
      </p>
      {error ? (
        <Failure error={error} retry={answer.retry} />
      ) : (
        data && <div class={isLoading ? "panel-body is-stale" : "panel-body"}>{children(data)}</div>
      )}
    </section>
  );
}

/** What went wrong, and what to do. */
export function Failure({ error, retry }: { error: Error; retry: () => void }) {
  const code = error instanceof Refused ? error.code : "";
  return (
    <div class="failure" role="alert">
      <p>{advice(error, code)}</p>
      {code === "UNAUTHENTICATED" ? (
        <a class="button" href={location.href}>
          Log in
        </a>
      ) : (
        <button type="button" class="button" onClick={retry}>
          Try again
        </button>
      )}
    </div>
  );
}

function advice(error: Error, code: string): string {
  switch (code) {
    case "UNAUTHENTICATED":
      return "You were logged out. What you asked is kept in the address.";
    case "FORBIDDEN":
      return `${error.message} Ask whoever looks after this site's users.`;
    case "INTERNAL_SERVER_ERROR":
      return "The server failed to answer. Try again; if it fails again, its log says why.";
    default:
      return error instanceof Refused || error instanceof Unreachable
        ? error.message
        : "This page failed to show the answer. Reload it; if that does not help, report it.";
  }
}

/** What to show where there is nothing, and how to come to something. */
export function Empty({ children }: { children: ComponentChildren }) {
  return <div class="empty">{children}</div>;
}
