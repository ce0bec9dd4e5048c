import type { PrivateGit } from "../private/private-git.ts";

/** The filter of each name that has one, by the attributes of the working copy. A filter is a program: it is never run. */
export async function filtersOf(git: PrivateGit, names: readonly string[]): Promise<Map<string, string>> {
  const filters = new Map<string, string>();
  if (names.length === 0) return filters;
  const output = await git.run(["check-attr", "-z", "--stdin", "filter"], lines(names));
  const fields = output.toString("latin1").split("\0");
  for (let at = 0; at + 2 < fields.length; at += 3) {
    const [name = "", , value = ""] = fields.slice(at, at + 3);
    if (!["unspecified", "unset", "set"].includes(value)) filters.set(name, value);
  }
  return filters;
}

/** Names or lines as git reads them with `-z`. */
export function lines(entries: readonly string[]): Buffer {
  return Buffer.from(entries.map((entry) => `${entry}\0`).join(""), "latin1");
}
