/** One document. What could steer a terminal or hide from a reader is escaped, which changes nothing for a program. */
export function jsonDocument(value: unknown): string {
  const text = JSON.stringify(value, null, 2) ?? "null";
  const escaped = text.replaceAll(/[^\P{C}\n]|\p{Zl}|\p{Zp}|\p{Default_Ignorable_Code_Point}/gu, (character) =>
    Array.from(
      { length: character.length },
      (_, index) => `\\u${character.charCodeAt(index).toString(16).padStart(4, "0")}`,
    ).join(""),
  );
  return `${escaped}\n`;
}
