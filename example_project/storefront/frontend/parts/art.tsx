// The drawings of the products: the same files that the templates of the shop include.

import ink from "../../../shop/templates/shop/art/ink.svg?raw";
import notebook from "../../../shop/templates/shop/art/notebook.svg?raw";
import paper from "../../../shop/templates/shop/art/paper.svg?raw";
import pen from "../../../shop/templates/shop/art/pen.svg?raw";
import pencil from "../../../shop/templates/shop/art/pencil.svg?raw";
import tape from "../../../shop/templates/shop/art/tape.svg?raw";

const DRAWINGS: Record<string, string> = { ink, notebook, paper, pen, pencil, tape };

/** A drawing on its background; `className` says how large. */
export function Art({ kind, className }: { kind: string; className: string }) {
  return <div class={`${className} tile-${kind}`} dangerouslySetInnerHTML={{ __html: DRAWINGS[kind] ?? "" }} />;
}
