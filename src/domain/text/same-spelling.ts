/** Whether two paths are the same but for how some file systems spell a name: in another normalisation or case. */
export function isSameSpelling(path: string, other: string): boolean {
  return spelled(path) === spelled(other);
}

function spelled(path: string): string {
  return path.normalize("NFC").toLowerCase();
}
