// Whether questions are on their way, said once for the whole page to those who do not see panels being dimmed.

import { useEffect, useState } from "preact/hooks";

let running = 0;
const listeners = new Set<() => void>();

/** Note that a question is on its way; call what is returned when it no longer is. */
export function begin(): () => void {
  count(1);
  return () => count(-1);
}

function count(change: number): void {
  running += change;
  listeners.forEach((listen) => listen());
}

export function Activity() {
  const [isBusy, setIsBusy] = useState(true);
  useEffect(() => {
    // A question that replaces another one begins before that one's end is heard of, so nothing is said in between.
    const listen = () => setIsBusy(running > 0);
    listeners.add(listen);
    listen();
    return () => listeners.delete(listen);
  }, []);
  return (
    <p class="visually-hidden" role="status">
      {isBusy ? "Loading" : "Updated"}
    </p>
  );
}
