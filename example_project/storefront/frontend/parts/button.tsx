// A button that says when it is busy. It is never disabled: that would take the keyboard's focus away.

import type { ComponentChildren } from "preact";

interface Props {
  isBusy: boolean;
  isQuiet?: boolean;
  type?: "button" | "submit";
  onClick?: () => void;
  children: ComponentChildren;
}

export function Button({ isBusy, isQuiet = false, type = "submit", onClick, children }: Props) {
  return (
    <button
      class={isQuiet ? "button button-quiet" : "button"}
      type={type}
      aria-busy={isBusy}
      aria-disabled={isBusy}
      {...(onClick && { onClick })}
    >
      {children}
    </button>
  );
}
