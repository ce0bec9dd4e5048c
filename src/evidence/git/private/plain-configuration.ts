/**
 * A configuration as `git config --null --list --no-includes` says it, if it is as git itself writes one: a section, a key
 * or a comment on each line, and no quotes, escapes or comments in a value. `undefined` for any other: git is asked.
 * Stands in for `git config`: a process takes longer than all else that is known of the repository at once.
 */
export function plainListing(text: Buffer): Buffer | undefined {
  let section: string | undefined;
  const entries: string[] = [];
  for (const line of text.toString("latin1").split("\n")) {
    if (/^[ \t]*(?:[#;].*)?$/.test(line) && !line.includes("\r")) continue;
    const [head, name = "", below] = /^\[([A-Za-z0-9-]+)(?: "([ !#-[\]-~\x80-\xff]*)")?\][ \t]*$/.exec(line) ?? [];
    if (head !== undefined) {
      section = name.toLowerCase() + (below === undefined ? "" : `.${below}`);
      continue;
    }
    const [entry, key = "", value = ""] =
      /^[ \t]*([A-Za-z][A-Za-z0-9-]*)[ \t]*=[ \t]*([ !$-:<-[\]-~\x80-\xff]*)$/.exec(line) ?? [];
    if (entry === undefined || section === undefined) return undefined;
    entries.push(`${section}.${key.toLowerCase()}\n${value.replace(/ +$/, "")}\0`);
  }
  return Buffer.from(entries.join(""), "latin1");
}
