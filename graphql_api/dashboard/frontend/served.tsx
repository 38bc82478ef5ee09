// What Django wrote into the page, at its place in what the script shows: a site's own brand, who is logged in.

import { useLayoutEffect, useRef } from "preact/hooks";

export interface ServedParts {
  brand: Element;
  account: Element;
}

/** Take the parts out of the page, before the script shows its own there. */
export function servedParts(page: Document): ServedParts {
  return { brand: page.getElementById("brand")!, account: page.getElementById("account")! };
}

export function Served({ element }: { element: Element }) {
  const place = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => place.current!.replaceChildren(element), [element]);
  return <div class="served" ref={place} />;
}
