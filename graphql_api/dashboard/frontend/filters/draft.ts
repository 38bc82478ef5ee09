// What stands in a field before it is taken over: while somebody types nothing is asked, and a moment later it is.

import { useEffect, useRef, useState } from "preact/hooks";

const PAUSE = 300; // milliseconds: between the steps of somebody who holds an arrow key there are fewer

interface Draft {
  text: string;
  isUsable: boolean;
  /** To be spread over the field. */
  handlers: {
    onInput: (event: { currentTarget: { value: string } }) => void;
    onBlur: () => void;
    onKeyDown: (event: KeyboardEvent) => void;
  };
}

/** Takes a text over once typing pauses, on Enter, and on leaving the field; one that cannot be used never is. */
export function useDraft(value: string, canUse: (text: string) => boolean, takeOver: (text: string) => void): Draft {
  const [text, setText] = useState(value);
  const pause = useRef(0);
  useEffect(() => {
    setText(value);
    return () => clearTimeout(pause.current);
  }, [value]);
  const use = (text: string) => {
    clearTimeout(pause.current);
    if (text !== value && canUse(text)) {
      takeOver(text);
    }
  };
  return {
    text,
    isUsable: text === value || canUse(text),
    handlers: {
      onInput: ({ currentTarget }) => {
        const typed = currentTarget.value;
        setText(typed);
        clearTimeout(pause.current);
        pause.current = setTimeout(() => use(typed), PAUSE);
      },
      onBlur: () => (canUse(text) ? use(text) : setText(value)),
      onKeyDown: ({ key }) => key === "Enter" && use(text),
    },
  };
}
