import { type Edit, type Edited, EditRefused, type EditRequest } from "../entry/edit.ts";

/** A file that is ours from its first byte to its last. One that says anything else is a person's, and stays. */
export function wholeFile(what: string, wanted: string): Edit {
  return { what, paste: wanted, apply: (text, request) => apply(text, wanted, request) };
}

function apply(text: string | undefined, wanted: string, { force, mode }: EditRequest): Edited {
  // Git may have changed the ends of the lines.
  const isOurs = text?.replaceAll("\r\n", "\n") === wanted;
  if (mode === "remove") {
    if (text === undefined) return { text, did: "nothing" };
    return isOurs || force ? { text: undefined, did: "removed" } : { text, did: "left" };
  }
  if (isOurs) return { text, did: "nothing" };
  if (text === undefined) return { text: wanted, did: "added" };
  if (force) return { text: wanted, did: "updated" };
  throw new EditRefused("it is there already, and init writes another one", { yieldsToForce: true });
}
