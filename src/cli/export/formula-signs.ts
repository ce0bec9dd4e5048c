/** Where spreadsheets would see a formula begin. All of it is one walk over the text, for agents may write any text. */

/** What may stand before a sign without hiding it from some spreadsheet. A mark of ours for what is not printed, too. */
const unseen = /[\s\p{C}\p{Default_Ignorable_Code_Point}\ufffd]/u;
const always = "=@";
/** The last is the minus of mathematics. */
const alsoOfLists = "+-\u2212";

/** Wide, small and raised forms count as the sign that they are forms of. */
function signOf(character: string): string {
  return character < "\u007f" ? character : character.normalize("NFKC");
}

function isSign(character: string): boolean {
  const sign = signOf(character);
  return sign.length === 1 && (always + alsoOfLists).includes(sign);
}

/** Whether a cell with this text begins with such a sign, or with the tab that some spreadsheets drop. */
export function beginsFormula(text: string): boolean {
  if (text.startsWith("\t")) return true;
  for (const character of text) {
    if (!unseen.test(character)) return isSign(character);
  }
  return false;
}

/**
 * The positions within a text of signs that would begin a formula for a spreadsheet that is set to another separator: it
 * takes the table apart at that, at tabs and at line breaks. At the beginning of a line a dash or plus before a space
 * begins an item of a list.
 */
export function* formulaSigns(text: string, separator: "," | ";"): Generator<number> {
  /** What has begun, and nothing was seen in it so far. */
  let begun: "cell" | "line" | undefined;
  const next = separator === "," ? /[,\t\n]/g : /[;\t\n]/g;
  for (let at = 0; at < text.length; at += 1) {
    if (begun === undefined) {
      next.lastIndex = at;
      at = next.exec(text)?.index ?? text.length;
    }
    const unit = text.charAt(at);
    if (unit === separator || unit === "\t") begun = "cell";
    else if (unit === "\n") begun ??= "line";
    else if (begun !== undefined) {
      const character = String.fromCodePoint(text.codePointAt(at) ?? 0);
      // It may end the quotes of a cell that is taken apart.
      if (character === '"' || unseen.test(character)) {
        at += character.length - 1;
        continue;
      }
      if (isSign(character) && (begun === "cell" || !isItem(character, text.charAt(at + 1)))) yield at;
      begun = undefined;
    }
  }
}

function isItem(sign: string, next: string): boolean {
  return alsoOfLists.includes(signOf(sign)) && /^\s?$/.test(next);
}
