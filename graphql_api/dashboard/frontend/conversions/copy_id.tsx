// An id to be taken elsewhere: selected as a whole, and copied by a button where the browser lets a page do so.

import { useState } from "preact/hooks";

export function CopyId({ id }: { id: string }) {
  const [said, setSaid] = useState("");
  const copy = () =>
    navigator.clipboard.writeText(id).then(
      () => setSaid("Copied"),
      () => setSaid("The browser did not allow it; select the id and copy it."),
    );
  return (
    <span class="copy-id">
      <code>{id}</code>
      {isSecureContext && (
        <button type="button" class="button is-quiet" onClick={copy}>
          Copy id
        </button>
      )}
      <span role="status">{said}</span>
    </span>
  );
}
