import sax from "sax";
import { KaizenError } from "../../errors.ts";
import { unreadable } from "./report.ts";

/** What is told of a document; `depth` is 1 for the root. */
export interface XmlHandler {
  open(name: string, attributes: Readonly<Record<string, string>>, depth: number): void;
  close(name: string, depth: number): void;
}

const MAX_DEPTH = 64;
/** Of one element. */
const MAX_ATTRIBUTES = 256;
/** Of one attribute, comment or name, in characters. Elements may hold more text. */
const LONGEST_PART = 1024 * 1024;
const HINT = "Look at the file: it should be the JUnit report as the test runner wrote it.";

/**
 * Reads a document part by part, and tells of its elements. It knows the five entities of XML and numbers of
 * characters. It refuses a DOCTYPE, which could define others or point to files. Each error is a `KaizenError`.
 *
 * sax, and not saxes: it is kept up, it bounds what it holds, and its package has the licence that has to go with it.
 */
export class XmlReader {
  readonly #parser: sax.SAXParser;
  #depth = 0;
  #roots = 0;
  #attributes = 0;

  constructor(handler: XmlHandler) {
    // The library has this limit for all of its parsers. There are no others here.
    Object.assign(sax, { MAX_BUFFER_LENGTH: LONGEST_PART });
    const parser = sax.parser(true);
    // The library's own table inherits from `Object`, which would make an entity of each of its methods.
    parser.ENTITIES = Object.assign(Object.create(null), { amp: "&", apos: "'", gt: ">", lt: "<", quot: '"' });
    parser.onerror = (error) => {
      throw illFormed(error);
    };
    parser.ondoctype = () => {
      throw unreadable("The report has a DOCTYPE, which a JUnit report does not need.", HINT);
    };
    parser.onopentagstart = () => this.#begin();
    parser.onattribute = () => {
      this.#attributes += 1;
      if (this.#attributes > MAX_ATTRIBUTES) {
        throw unreadable(`The report has an element with more than ${MAX_ATTRIBUTES} attributes.`, HINT);
      }
    };
    parser.onopentag = ({ attributes, name }) => {
      handler.open(name, Object.fromEntries(Object.entries(attributes).map(textOf)), this.#depth);
    };
    parser.onclosetag = (name) => {
      handler.close(name, this.#depth);
      this.#depth -= 1;
    };
    this.#parser = parser;
  }

  write(text: string): void {
    this.#guarded(() => this.#parser.write(text));
  }

  end(): void {
    this.#guarded(() => this.#parser.close());
    if (this.#roots === 0) throw unreadable("The report is no XML.", HINT);
  }

  #begin(): void {
    this.#attributes = 0;
    if (this.#depth === 0) this.#roots += 1;
    if (this.#roots > 1) throw unreadable("The report is no well-formed XML: a second one follows the first.", HINT);
    this.#depth += 1;
    if (this.#depth > MAX_DEPTH) throw unreadable(`The report is nested more than ${MAX_DEPTH} deep.`, HINT);
  }

  /** The library trips over some names of attributes, such as `hasOwnProperty`. */
  #guarded(step: () => unknown): void {
    try {
      step();
    } catch (error) {
      throw error instanceof KaizenError ? error : illFormed(error);
    }
  }
}

/** Without namespaces, which are not asked for, each attribute is a text. */
function textOf([name, value]: [string, string | sax.QualifiedAttribute]): [string, string] {
  return [name, typeof value === "string" ? value : value.value];
}

function illFormed(error: unknown): KaizenError {
  // Lines after the first say where; the text of the document is in none of them.
  const [reason = ""] = error instanceof Error ? error.message.split("\n") : [];
  const isLong = reason.startsWith("Max buffer length");
  const message = isLong
    ? `The report has an attribute, a comment or a name of more than ${LONGEST_PART} characters.`
    : "The report is no well-formed XML, or it was cut off.";
  return unreadable(message, HINT, error);
}
