import { isJsonObject, type JsonObject, parseJson } from "../../domain/text/json.ts";
import { KaizenError } from "../../errors.ts";

/** A payload has the last message of an agent, and is far from this. */
export const MAX_PAYLOAD_BYTES = 4 * 1024 * 1024;

/** A field that is longer counts as left out. */
const MAX_FIELD_CHARACTERS = 100_000;

/** What Claude Code sends to its hooks (code.claude.com/docs/en/hooks), as far as it is looked at. */
const fields = [
  "cwd",
  /** What a person has typed, and of a command its name and what stands behind it. */
  "prompt",
  "command_name",
  "command_args",
  "hook_event_name",
  "session_id",
  /** Such as `plan`, in which nothing is to be run. */
  "permission_mode",
  "agent_id",
  /** Empty, or the session's own agent, for what the client runs for itself. Older versions leave it out at the end. */
  "agent_type",
  /** The main conversation's, also in a hook about a subagent. */
  "transcript_path",
  "agent_transcript_path",
  "last_assistant_message",
  /** Of a turn that an error of the API has ended. */
  "error",
  "error_details",
] as const;

export type Payload = Readonly<Partial<Record<(typeof fields)[number], string>>>;

/** Without zod: where a project takes no part, that alone would take longer than the rest of the hook. */
export function readPayload(input: string): Payload {
  const sent = parseJson(input.replace(/^\ufeff/, ""));
  if (isJsonObject(sent)) return Object.fromEntries(fields.flatMap((name) => textIn(sent, name)));
  const found = input.trim() === "" ? "nothing" : "no JSON object";
  throw new KaizenError("INVALID_ARGUMENT", `${found} came on stdin.`, {
    hint: "A client's hook sends its payload there.",
  });
}

/** A field that is not what it should be counts as left out: clients add fields and change them. */
function textIn(sent: JsonObject, name: string): [string, string][] {
  const value = sent[name];
  return typeof value === "string" && value.length <= MAX_FIELD_CHARACTERS ? [[name, value]] : [];
}

/** Ids of clients are short words of ASCII. Anything else could not stand in a sentence, or serve as a key. */
const runKeyPattern = /^[\w.:@+-]{1,128}$/;

/** What names the run for the client, and so for us: its idempotency key. */
export function runKeyOf({ agent_id }: Payload): string | undefined {
  return agent_id !== undefined && runKeyPattern.test(agent_id) ? agent_id : undefined;
}

/** What the client calls the agent, cut to 500 characters: no real type is as long. */
export function agentTypeOf({ agent_type }: Payload): string | undefined {
  const type = agent_type?.trim().slice(0, 500);
  return type === "" ? undefined : type;
}
