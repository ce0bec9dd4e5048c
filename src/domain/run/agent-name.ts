import * as z from "zod";
import { KaizenError } from "../../errors.ts";

/** Names that belong to the store itself. */
const reservedNames = new Set(["optimizer"]);

/** Devices that Windows reserves in every folder, with any extension (Microsoft, "Naming Files, Paths, and Namespaces"). */
const windowsDevice = /^(con|prn|aux|nul|conin\$|conout\$|com[0-9¹²³]|lpt[0-9¹²³])(\..*)?$/i;

const allowedCharacters = /^[\p{L}\p{N}\p{M}._\-@+ ]+$/u;
/** Most names have only such characters of ASCII. To ask for letters of every script takes a hook 1 ms. */
const plainCharacters = /^[\w.\-@+ ]+$/;

/** File systems take 255 bytes a name; what is built from an agent's name needs some of them. */
const MAX_NAME_BYTES = 200;
export const MAX_NAME_CHARACTERS = 64;

/** Why a name cannot be an agent's, or `undefined` if it can. The name is in NFC. */
function nameProblem(name: string): string | undefined {
  const characters = [...name].length;
  if (characters < 1 || characters > MAX_NAME_CHARACTERS) return `has ${characters} characters; 1 to 64 are allowed`;
  const isPlain = plainCharacters.test(name);
  if (!isPlain && !allowedCharacters.test(name)) return "may hold letters, digits, . _ - @ + and inner spaces only";
  if (name.startsWith(".") || name.includes("..")) return "may not begin with a dot or hold two dots in a row";
  if (/^ |[. ]$/.test(name)) return "may not begin with a space, or end with a dot or a space";
  if (!isPlain && /^\p{M}/u.test(name)) return "may not begin with a combining mark";
  if (windowsDevice.test(name)) return "is a device name on Windows";
  if (reservedNames.has(name.toLowerCase())) return "is reserved for the optimizer's own files";
  if (new TextEncoder().encode(name).length > MAX_NAME_BYTES) return `is longer than ${MAX_NAME_BYTES} bytes in UTF-8`;
  return undefined;
}

/**
 * The name of an agent: one safe path component, in NFC. The brand says that this schema has checked it.
 * It parses from any text; the error says which rule the name breaks.
 */
export const agentNameSchema = z
  .string()
  .transform((name) => name.normalize("NFC"))
  .superRefine((name, context) => {
    const problem = nameProblem(name);
    if (problem !== undefined) context.addIssue({ code: "custom", message: `agent name ${problem}` });
  })
  .brand<"AgentName">();

export type AgentName = z.infer<typeof agentNameSchema>;

/** The name of an agent, or an error that says which rule it breaks and what would do. */
export function parseAgentName(agent: string): AgentName {
  const parsed = agentNameSchema.safeParse(agent);
  if (parsed.success) return parsed.data;
  throw new KaizenError("INVALID_AGENT", `${JSON.stringify(agent.slice(0, 80))}: ${parsed.error.issues[0]?.message}.`, {
    hint: 'Use a plain name such as "code-reviewer": letters, digits, . _ - @ + and inner spaces, 1 to 64 characters.',
    cause: parsed.error,
  });
}

/**
 * The name of a folder that is already there. Other writers may have used names that we would not give; they are
 * listed and read as long as they are one path component, and visible.
 */
export const existingAgentNameSchema = z
  .string()
  // biome-ignore lint/suspicious/noControlCharactersInRegex: that they are refused is the point
  .regex(/^(?!\.)[^/\\\u0000-\u001f\u007f]{1,255}$/u, "is not a folder name")
  .refine((name) => !reservedNames.has(name), "is reserved")
  .brand<"AgentName">();

/** The form under which two spellings of one name meet on a file system that ignores case or Unicode form. */
export function foldAgentName(name: string): string {
  return name.normalize("NFKC").toLowerCase();
}

/** Whether two texts are the same name, also in another Unicode form: another writer may have taken it from its system. */
export function isSameName(name: string, other: string | undefined): boolean {
  return name === other || name.normalize("NFC") === other?.normalize("NFC");
}

/** Whether a name differs from another in case or spelling at most; every name does if there is no other. */
export function isSpelledLike(name: string, like: string | undefined): boolean {
  return like === undefined || foldAgentName(name) === foldAgentName(like);
}

/**
 * The form under which near twins meet: names that differ only in case, or in what parts their words. What stands between
 * two digits parts numbers, so that `v1.2` is no twin of `v12`. Empty if nothing else is in the name.
 */
export function twinForm(name: string): string {
  return foldAgentName(name)
    .replaceAll(/[-_. ]+/g, "-")
    .replaceAll(/(?<!\d)-|-(?!\d)/g, "");
}
