// What may be wider than its place: it scrolls, and is a stop for Tab only while there is something to scroll.

import type { ComponentChildren, RefObject } from "preact";
import { useLayoutEffect, useRef, useState } from "preact/hooks";

interface ScrollRegionProps {
  /** What is in it, for those who come there by keyboard or by landmarks. */
  label: string;
  /** For whoever moves the focus there; that works without a stop, too. */
  region?: RefObject<HTMLDivElement | null>;
  children: ComponentChildren;
}

export function ScrollRegion({ label, region, children }: ScrollRegionProps) {
  const own = useRef<HTMLDivElement>(null);
  const place = region ?? own;
  const [overflows, setOverflows] = useState(false);
  useLayoutEffect(() => {
    const element = place.current!;
    const measure = () => setOverflows(element.scrollWidth > element.clientWidth);
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    [...element.children].forEach((child) => observer.observe(child));
    measure();
    return () => observer.disconnect();
  }, [place]);
  return (
    <div class="scroll" ref={place} tabIndex={overflows ? 0 : -1} role="region" aria-label={label}>
      {children}
    </div>
  );
}
