import { lstatSync } from "node:fs";
import { isSameFolder, type RootFolder } from "./root-folder.ts";
import { type TrustedRoot, type TrustFileContent, trustedRootSchema } from "./trust-schema.ts";

/** What the trust file has of a folder; `undefined` for one that it does not know. */
export function rootIn({ roots }: TrustFileContent, root: RootFolder): TrustedRoot | undefined {
  const now = root.now();
  // Of many roots nearly all are told apart by their marks, before a schema looks at them.
  return roots
    .filter((one) => now.ids.some((id) => typeof one === "object" && one !== null && "id" in one && one.id === id))
    .flatMap((one) => trustedRootSchema.safeParse(one).data ?? [])
    .find((known) => isSameFolder(known, now));
}

/** Whether an entry of the file can be read, and is of such a root. */
export function isRoot(one: unknown, is: (root: TrustedRoot) => boolean): boolean {
  const known = trustedRootSchema.safeParse(one).data;
  return known !== undefined && is(known);
}

/** Whether the folder of a root is there; one that cannot be looked at may come back. */
export function isThere(one: unknown): boolean {
  const known = trustedRootSchema.safeParse(one).data;
  if (known === undefined) return true;
  try {
    return lstatSync(known.path, { throwIfNoEntry: false }) !== undefined;
  } catch {
    return true;
  }
}
