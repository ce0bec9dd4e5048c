/**
 * Signs that could end a code span, or be taken for HTML or a link: by a program that does not know of code spans, or by
 * a model, which also takes signs for marks that only look like them.
 */

/** All that Unicode calls a form of a sign (wide, small, raised, upright) is folded to it. */
function folded(character: string): string {
  const plain = character.normalize("NFKC");
  if (plain.length === 1 && marks.test(plain)) return plain;
  // An accent that stands alone.
  if (/^ \p{M}*[\u0300\u0301]$/u.test(plain)) return "`";
  if (graves.test(plain)) return "`";
  if (quotesOfCjk.test(plain)) return character;
  if (opening.test(plain)) return "(";
  return closing.test(plain) ? ")" : character;
}

const marks = /^[`<>[\]()]$/;
/** Accents and primes that Unicode keeps apart from the grave accent, and fonts hardly do. */
const graves = /^[\u02cb\u02ce\u02f4\u02f5\u055d\u2035]+$/;
/** Brackets in pairs, which have a mirror image, and are no quotes as „ is; then what is drawn as one. */
const opening = /^(?:(?=\p{Bidi_Mirrored})\p{Ps}|[\u02c2\u02f1\u1438\u16b2\u2039])$/u;
const closing = /^(?:(?=\p{Bidi_Mirrored})\p{Pe}|[\u02c3\u02f2\u1433\u203a])$/u;
/** 《 to 】: titles and quotes, to be found in any Chinese or Japanese text, and no marks of code. */
const quotesOfCjk = /^[\u300a-\u3011]$/;

/** What is not needed to tell text from marks, and says the same. What is left of `<` and `>` looks like brackets. */
const inPlace: Readonly<Record<string, string>> = {
  "`": "'",
  "[": "(",
  "]": ")",
  "<": "(",
  ">": ")",
  "->": "→",
  "=>": "⇒",
  "<-": "←",
  "<=": "≤",
  ">=": "≥",
};

const isAscii = /^[\0-\u007f]*$/;

/** One line without any of these signs, and with what they said. */
export function withoutMarks(line: string): string {
  return (
    // To ask for a kind of character of all that there are takes longer than all else that is done here.
    (isAscii.test(line) ? line : withoutForeignMarks(line))
      .replace(/[-=]>|<[-=]|>=/g, replaced)
      // Numbers are compared, and what stands free.
      .replace(/ ?([<>]) ?(?=[-.]?\d)| ([<>]) /g, (_, one, other) => ((one ?? other) === "<" ? " lt " : " gt "))
      .replace(/[`<>[\]]/g, replaced)
  );
}

function withoutForeignMarks(line: string): string {
  return (
    line
      .replace(/[^\0-\u007f]/gu, folded)
      // Without a letter below it, an accent is a sign of its own.
      .replace(/(?<= |^)\p{M}+/gu, "")
  );
}

function replaced(sign: string): string {
  return inPlace[sign] ?? "";
}
