// A button that opens choices below it. Escape, a click elsewhere, or moving on with the keyboard closes them.

import type { ComponentChildren } from "preact";
import { useEffect, useId, useLayoutEffect, useRef, useState } from "preact/hooks";

interface DropdownProps {
  name: string;
  /** What is chosen now. */
  summary: string;
  /** Whether it restricts anything. */
  isActive?: boolean;
  children: ComponentChildren;
}

export function Dropdown({ name, summary, isActive = false, children }: DropdownProps) {
  const id = useId();
  const [isOpen, setIsOpen] = useState(false);
  const root = useRef<HTMLDivElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    if (!isOpen) {
      return;
    }
    // Not as soon as the pointer or focus is there: on phones what is pressed would move away below the finger.
    const onClick = (event: MouseEvent) => event.composedPath().includes(root.current!) || setIsOpen(false);
    const onKeyUp = ({ key }: KeyboardEvent) => {
      if (key === "Tab" && !root.current!.contains(document.activeElement)) {
        setIsOpen(false);
      }
    };
    document.addEventListener("click", onClick);
    document.addEventListener("keyup", onKeyUp);
    return () => {
      document.removeEventListener("click", onClick);
      document.removeEventListener("keyup", onKeyUp);
    };
  }, [isOpen]);
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "Escape" && isOpen) {
      event.preventDefault(); // a search field would empty itself
      setIsOpen(false);
      button.current!.focus();
    }
  };
  return (
    <div class="field dropdown" ref={root} onKeyDown={onKeyDown}>
      <span class="field-name" id={`${id}-name`}>
        {name}
      </span>
      <button
        type="button"
        class={isActive ? "button dropdown-button is-active" : "button dropdown-button"}
        ref={button}
        id={id}
        aria-labelledby={`${id}-name ${id}`}
        aria-expanded={isOpen}
        aria-controls={isOpen ? `${id}-choices` : undefined}
        onClick={() => setIsOpen(!isOpen)}
      >
        <span class="dropdown-summary">{summary}</span>
      </button>
      {isOpen && (
        <Choices id={`${id}-choices`} name={name}>
          {children}
        </Choices>
      )}
    </div>
  );
}

/** Opens to the left where there is no room to the right. */
function Choices({ id, name, children }: { id: string; name: string; children: ComponentChildren }) {
  const panel = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    const { classList } = panel.current!;
    classList.toggle("is-at-end", panel.current!.getBoundingClientRect().right > document.documentElement.clientWidth);
  }, []);
  return (
    <div class="dropdown-panel" ref={panel} id={id} role="group" aria-label={name}>
      {children}
    </div>
  );
}
