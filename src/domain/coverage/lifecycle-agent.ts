import { type AgentName, agentNameSchema, foldAgentName } from "../run/agent-name.ts";

/** Of a longer type only so much goes into the name; the rest tells in the digits behind it. */
const KEPT_CHARACTERS = 40;

/**
 * The name under which an agent is kept that a client calls by a type of its own, or `undefined` if there is no type:
 * 1. A type that is a name stays as it is: `general-purpose`, `Explore`.
 * 2. The colon before a plugin's agent becomes a plus, for no file system takes it: `my-plugin:reviewer` is
 *    `my-plugin+reviewer`.
 * 3. Of anything else the letters and digits are kept, with eight digits of a hash of the whole behind them, so that two
 *    types never meet in one name: `C/C++ expert` is `C-C-expert+` and the digits.
 *
 * A type always gets the same name. If that name differs only in case or spelling from a known agent's, the known agent
 * is meant.
 */
export function agentOfType(type: string, known: readonly AgentName[]): AgentName | undefined {
  if (type.trim() === "") return undefined;
  const name = nameOf(type.normalize("NFC"));
  if (known.includes(name)) return name;
  return known.find((other) => foldAgentName(other) === foldAgentName(name)) ?? name;
}

function nameOf(type: string): AgentName {
  const whole = agentNameSchema.safeParse(type.replaceAll(":", "+"));
  if (whole.success) return whole.data;
  const words = type.match(/[\p{L}\p{N}]+/gu) ?? ["agent"];
  const kept = [...words.join("-")].slice(0, KEPT_CHARACTERS).join("");
  return agentNameSchema.parse(`${kept}+${fnv1a(type)}`);
}

/** Eight hexadecimal digits of a text's UTF-16 units (G. Fowler, L. Noll, P. Vo: FNV-1a, 32 bits). */
function fnv1a(text: string): string {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  return (hash >>> 0).toString(16).padStart(8, "0");
}
