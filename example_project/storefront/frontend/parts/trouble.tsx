// Says what went wrong and what to do. The button stays while it works, so that the keyboard does not lose its place.

import { mayRepeat, trouble } from "../words";
import { Button } from "./button";

interface Troubled {
  error: Error | null;
  isBusy: boolean;
  retry: () => void;
}

export function Trouble({ task }: { task: Troubled }) {
  if (!task.error) {
    return null;
  }
  return (
    <div class="trouble" role="alert">
      <p>{trouble(task.error)}</p>
      {mayRepeat(task.error) && (
        <Button type="button" isQuiet isBusy={task.isBusy} onClick={task.retry}>
          {task.isBusy ? "Trying again …" : "Try again"}
        </Button>
      )}
    </div>
  );
}
