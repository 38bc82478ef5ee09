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
  /** What to do about an error, where this panel knows better than "try again"; null where it does not. */
  remedy?: (error: Error) => ComponentChildren;
  children: (data: Result) => ComponentChildren;
}

/**
 * While another answer is on its way the last one stays, dimmed, so that nothing jumps. What screen readers hear of it
 * is said once for the whole page, by activity.tsx.
 */
export function Panel<Result>({ title, answer, controls, remedy, children }: PanelProps<Result>) {
  const id = useId();
  const { data, error, isLoading } = answer;
  return (
    <section class="panel" aria-labelledby={id} aria-busy={isLoading}>
      <div class="panel-head">
        <h2 id={id}>{title}</h2>
        {controls && <div class="panel-controls">{controls}</div>}
      </div>
      {isLoading && (
        <p class="loading" aria-hidden="true">
          {data ? "Updating" : "Loading"}
        </p>
      )}
      {error ? (
        <Failure error={error} retry={answer.retry}>
          {remedy?.(error)}
        </Failure>
      ) : data ? (
        <div class={isLoading ? "panel-body is-stale" : "panel-body"}>{children(data)}</div>
      ) : (
        <div class="panel-wait" />
      )}
    </section>
  );
}

interface FailureProps {
  error: Error;
  retry: () => void;
  /** What to do about it; where nothing is given, what its code suggests. */
  children?: ComponentChildren;
}

/** What went wrong, and what to do. */
export function Failure({ error, retry, children }: FailureProps) {
  const code = error instanceof Refused ? error.code : "";
  return (
    <div class="failure" role="alert">
      <p>{advice(error, code)}</p>
      {children || <WayOut code={code} retry={retry} />}
    </div>
  );
}

function WayOut({ code, retry }: { code: string; retry: () => void }) {
  switch (code) {
    case "UNAUTHENTICATED": // Django asks to log in, and leads back
      return (
        <a class="button" href={location.pathname + location.search}>
          Log in
        </a>
      );
    case "BAD_USER_INPUT": // would be refused again
      return (
        <a class="button" href={location.pathname}>
          Start over
        </a>
      );
    default:
      return (
        <button type="button" class="button" onClick={retry}>
          Try again
        </button>
      );
  }
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
