// Idempotency keys: one for each conversion, kept for this tab, so that a reload, a double click and a retry after a
// lost answer repeat the same call, and the server answers with what it has stored.

import { forget, keep, kept } from "../kept";

export const ORDER_PLACED = "order_placed";

interface KeptKey {
  key: string;
  subject: string;
}

/**
 * Return the key of a conversion. `subject` says what it is about (the cart's content): about something else it is
 * another conversion, with a key of its own.
 */
export function keyOf(conversion: string, subject = ""): string {
  const known = kept<KeptKey>(nameOf(conversion));
  if (known?.subject === subject) {
    return known.key;
  }
  const fresh: KeptKey = { key: uuid(), subject };
  keep(nameOf(conversion), fresh);
  return fresh.key;
}

/** Let the next conversion of this kind have a new key. */
export function forgetKey(conversion: string): void {
  forget(nameOf(conversion));
}

function nameOf(conversion: string): string {
  return `key:${conversion}`;
}

function uuid(): string {
  if (typeof crypto.randomUUID === "function") {
    return crypto.randomUUID();
  }
  // Over plain HTTP, as from a phone to the demo on a laptop, browsers keep randomUUID from pages.
  const bytes = Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0"));
  return bytes.join("").replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}
