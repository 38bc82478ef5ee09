// A path as a chain: arrows for eyes, "then" for ears.

import { Fragment } from "preact";

export function Steps({ steps }: { steps: readonly string[] }) {
  return (
    <span class="path-chain">
      {steps.map((step, index) => (
        <Fragment key={index}>
          {index > 0 && (
            <>
              <span class="path-arrow" aria-hidden="true">
                →
              </span>
              <span class="visually-hidden"> then </span>
            </>
          )}
          <span class="path-step">{step}</span>
        </Fragment>
      ))}
    </span>
  );
}
