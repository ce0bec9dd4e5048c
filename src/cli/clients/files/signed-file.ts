import { createHash } from "node:crypto";
import { type Edit, type Edited, EditRefused, type EditRequest } from "../entry/edit.ts";

interface SignedFile {
  /** As it is named to people. */
  readonly what: string;
  readonly text: string;
  /** The hooks that it runs. */
  readonly hooks: readonly string[];
}

const SEAL = /\n\/\/ sha256 ([0-9a-f]{64})\n$/;

/**
 * Code in a file of our own. Its last line has the hash of the rest: by that any version knows the file of another one
 * again, and one that a person has changed stays.
 */
export function signedFile({ hooks, text, what }: SignedFile): Edit {
  const wanted = sealed(text);
  return {
    what,
    paste: wanted,
    hooks: (present) => (present !== undefined && isSealed(present) ? hooks : []),
    apply: (present, request) => apply(present, wanted, request),
  };
}

function apply(text: string | undefined, wanted: string, { force, mode }: EditRequest): Edited {
  if (text === undefined) return mode === "remove" ? { text, did: "nothing" } : { text: wanted, did: "added" };
  const isOurs = isSealed(text);
  if (mode === "remove") return isOurs || force ? { text: undefined, did: "removed" } : { text, did: "left" };
  if (plain(text) === wanted) return { text, did: "nothing" };
  if (isOurs || force) return { text: wanted, did: "updated" };
  throw new EditRefused("it is there already, and it is not as init has written it", { yieldsToForce: true });
}

function sealed(text: string): string {
  return `${text}\n// sha256 ${hashOf(text)}\n`;
}

function isSealed(text: string): boolean {
  const [seal, hash] = SEAL.exec(plain(text)) ?? [];
  return seal !== undefined && hash === hashOf(plain(text).slice(0, -seal.length));
}

/** Git may have changed the ends of the lines. */
function plain(text: string): string {
  return text.replaceAll("\r\n", "\n");
}

function hashOf(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
