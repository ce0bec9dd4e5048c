/** A file of Codex's own form of patches, and one of a unified diff. */
const named = /^(?:\*\*\* (?:(?:Add|Update|Delete) File|Move to): (.{1,1000})|\+\+\+ (?:b\/)?([^\s].{0,1000}))$/;

/** The files that a patch changes. */
export function patchedPaths(patch: string): string[] {
  return patch.split("\n").flatMap((line) => {
    const [, ofCodex, ofDiff] = named.exec(line.trimEnd()) ?? [];
    const path = ofCodex ?? ofDiff?.split("\t")[0];
    return path === undefined || path === "/dev/null" ? [] : [path];
  });
}
