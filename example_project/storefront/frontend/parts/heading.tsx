// A page's heading: the tab is named after it, and the focus moves to it, so that screen readers tell of the new page.

import { useEffect, useRef } from "preact/hooks";

let isFirstPage = true;

export function Heading({ title }: { title: string }) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = `${title} · Quire`;
  }, [title]);
  useEffect(() => {
    if (!isFirstPage) {
      heading.current?.focus({ preventScroll: true });
    }
    isFirstPage = false; // the browser itself tells of a page that it loads
  }, []);
  return (
    <h1 ref={heading} tabIndex={-1}>
      {title}
    </h1>
  );
}

/** Have the focus on the heading: for when what had it is gone. */
export function focusHeading(): void {
  document.querySelector("h1")?.focus();
}
