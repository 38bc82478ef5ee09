// What a page waits for: something to load when it opens, or something to do when a person asks for it.

import { useEffect, useRef, useState } from "preact/hooks";

import { Refused } from "../../../graphql_api/frontend/server";

export interface Loaded<Data> {
  data: Data | null;
  error: Error | null;
  isBusy: boolean;
  retry: () => void;
}

/** Load when the component appears, and again on `retry`. For other data, give the component another `key`. */
export function useLoaded<Data>(load: () => Promise<Data>): Loaded<Data> {
  const [data, setData] = useState<Data | null>(null);
  const task = useTask(async () => setData(await load()));
  useEffect(() => task.run(null), []);
  return { data, error: task.error, isBusy: task.isBusy, retry: task.retry };
}

export interface Task<Input> {
  /** What went wrong the last time; stays while it is tried again. */
  error: Error | null;
  isBusy: boolean;
  run: (input: Input) => void;
  /** Do it again with what it was done with. */
  retry: () => void;
}

/** Do something when asked, once at a time. That nothing happens twice is not decided here, but by idempotency keys. */
export function useTask<Input>(work: (input: Input) => Promise<void>): Task<Input> {
  const [error, setError] = useState<Error | null>(null);
  const [isBusy, setBusy] = useState(false);
  const isRunning = useRef(false);
  const last = useRef<Input | null>(null);

  const run = (input: Input) => {
    if (isRunning.current) {
      return;
    }
    last.current = input;
    isRunning.current = true;
    setBusy(true);
    work(input)
      .then(
        () => setError(null),
        (reason: Error) => setError(reason),
      )
      .finally(() => {
        isRunning.current = false;
        setBusy(false);
      });
  };
  return { error, isBusy, run, retry: () => run(last.current as Input) };
}

/** What the server has against the fields of a form; `__all__` stands for the form. */
export function fieldErrors(error: Error | null): Record<string, string[]> {
  const body = error instanceof Refused ? (error.body as { errors?: Record<string, string[]> } | null) : null;
  return body?.errors ?? {};
}
