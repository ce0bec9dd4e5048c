import { useState } from "preact/hooks";

/** A command to type, with a button that copies it. */
export function Command({ text }: { text: string }) {
  const [said, setSaid] = useState("");
  async function copy() {
    try {
      await navigator.clipboard.writeText(text);
      setSaid("Copied");
    } catch {
      setSaid("Select it, and copy it by hand");
    }
  }
  return (
    <div class="command">
      <code>{text}</code>
      <button type="button" onClick={copy} aria-label={`Copy ${text}`}>
        Copy
      </button>
      <small role="status">{said}</small>
    </div>
  );
}
