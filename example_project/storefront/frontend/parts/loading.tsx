// What stands where something is loading: nothing for a moment, then a word; or what went wrong, and a way to retry.

import type { Loaded } from "../task";
import { Trouble } from "./trouble";

export function Loading({ of }: { of: Loaded<unknown> }) {
  if (of.error) {
    return <Trouble task={of} />;
  }
  return (
    <p class="loading lead" role="status">
      Loading …
    </p>
  );
}
