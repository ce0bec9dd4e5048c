import { byCodePoint } from "../domain/text/code-point-order.ts";

/**
 * JSON in the style of ADR-004, byte for byte what Python's `json.dumps(value, sort_keys=True)` writes: keys by code
 * point at every depth, ", " and ": " between, everything outside printable ASCII escaped. What JSON cannot say becomes
 * null, as `JSON.stringify` has it, and a member that is undefined is left out: no other text ever gets into a file.
 */
export function encodeJson(value: unknown): string {
  if (typeof value === "boolean") return String(value);
  if (typeof value === "number" || typeof value === "bigint") return encodeNumber(value);
  if (typeof value === "string") return encodeString(value);
  if (typeof value !== "object" || value === null) return "null";
  // Unlike `map`, this does not pass over holes.
  if (Array.isArray(value)) return `[${Array.from(value, encodeJson).join(", ")}]`;
  return `{${membersOf(value)
    .map(([key, item]) => `${encodeString(key)}: ${encodeJson(item)}`)
    .join(", ")}}`;
}

/**
 * JSON in the style of ADR-004, indented by two as Python's `indent=2` does it. Fields named in `floats` are written
 * with a fraction: 0.0, 1.0.
 */
export function encodeIndentedJson(value: unknown, floats: ReadonlySet<string> = new Set()): string {
  return `${indented(value, "", floats, false)}\n`;
}

function indented(value: unknown, margin: string, floats: ReadonlySet<string>, asFloat: boolean): string {
  if (typeof value === "number") return asFloat ? encodeFloat(value) : encodeNumber(value);
  if (typeof value !== "object" || value === null) return encodeJson(value);
  const inner = `${margin}  `;
  if (Array.isArray(value)) {
    if (value.length === 0) return "[]";
    return `[\n${Array.from(value, (item) => inner + indented(item, inner, floats, false)).join(",\n")}\n${margin}]`;
  }
  const members = membersOf(value);
  if (members.length === 0) return "{}";
  const lines = members.map(
    ([key, item]) => `${inner}${encodeString(key)}: ${indented(item, inner, floats, floats.has(key))}`,
  );
  return `{\n${lines.join(",\n")}\n${margin}}`;
}

function membersOf(value: object): [string, unknown][] {
  return Object.entries(value)
    .filter(([, item]) => item !== undefined)
    .sort(([a], [b]) => byCodePoint(a, b));
}

const beyondAscii = /[\u007f-\uffff]/g;

const nothingToEscape = /^[ !#-[\]-~]*$/;

/** `JSON.stringify` escapes quotes, control characters and lone surrogates as Python does; the rest is ours. */
function encodeString(text: string): string {
  if (nothingToEscape.test(text)) return `"${text}"`;
  return JSON.stringify(text).replace(beyondAscii, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

/**
 * An integer that a double holds exactly is written as one. Any other number has the shortest digits that read back as
 * the same double, in Python's `repr` form: with an exponent below 1e-4 and from 1e16 on, of at least two digits.
 */
function encodeNumber(value: number | bigint): string {
  if (typeof value === "bigint") return String(value);
  return Number.isSafeInteger(value) && !Object.is(value, -0) ? String(value) : encodeFloat(value);
}

function encodeFloat(value: number): string {
  if (!Number.isFinite(value)) return "null";
  if (Object.is(value, -0)) return "-0.0";
  const magnitude = Math.abs(value);
  // JavaScript has the same digits, and begins to write exponents later, in both directions.
  if (magnitude === 0 || (magnitude >= 1e-4 && magnitude < 1e16)) {
    return Number.isInteger(value) ? `${value}.0` : String(value);
  }
  const [digits = "0", exponentText = "0"] = value.toExponential().split("e");
  const exponent = Number(exponentText);
  return `${digits}e${exponent < 0 ? "-" : "+"}${String(Math.abs(exponent)).padStart(2, "0")}`;
}
