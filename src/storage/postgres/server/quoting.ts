/** A text of ours as SQL has it. What comes from outside is never put into a statement. */
export function parameter(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
