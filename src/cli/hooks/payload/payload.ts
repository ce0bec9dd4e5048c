import { isJsonObject, type JsonObject, parseJson } from "../../../domain/text/json.ts";
import { KaizenError } from "../../../errors.ts";
import { clientOf, type PayloadClient } from "./client.ts";
import { cursorFields } from "./cursor.ts";

/** A payload has the last message of an agent, and is far from this. */
export const MAX_PAYLOAD_BYTES = 4 * 1024 * 1024;

/** A field that is longer counts as left out. */
const MAX_FIELD_CHARACTERS = 100_000;

/**
 * What Claude Code sends to its hooks (code.claude.com/docs/en/hooks), as far as it is looked at, and what other clients
 * call the same.
 */
const fields = {
  cwd: [],
  /** What a person has typed, and of a command its name and what stands behind it. */
  prompt: [],
  command_name: [],
  command_args: [],
  hook_event_name: ["hookEventName"],
  session_id: ["sessionId", "conversation_id"],
  /** Such as `plan`, in which nothing is to be run. */
  permission_mode: ["permissionMode"],
  agent_id: ["agentId"],
  /** Empty, or the session's own agent, for what the client runs for itself. Older versions leave it out at the end. */
  agent_type: ["agentType", "agentName", "agent_name", "subagent_type"],
  /** The main conversation's, also in a hook about a subagent. */
  transcript_path: ["transcriptPath"],
  agent_transcript_path: ["agentTranscriptPath"],
  last_assistant_message: ["response"],
  /** Of a turn that an error of the API has ended. */
  error: [],
  error_details: [],
} as const satisfies Readonly<Record<string, readonly string[]>>;

export type PayloadFields = Readonly<Partial<Record<keyof typeof fields, string>>>;

export interface Payload extends PayloadFields {
  readonly client: PayloadClient;
  /** All of it, for what only one client has. */
  readonly sent: JsonObject;
}

/** Without zod: where a project takes no part, that alone would take longer than the rest of the hook. */
export function readPayload(input: string, environment: Readonly<Record<string, string | undefined>>): Payload {
  const sent = parseJson(input.replace(/^\ufeff/, ""));
  if (!isJsonObject(sent)) {
    const found = input.trim() === "" ? "nothing" : "no JSON object";
    throw new KaizenError("INVALID_ARGUMENT", `${found} came on stdin.`, {
      hint: "A client's hook sends its payload there.",
    });
  }
  const client = clientOf(sent, environment);
  const read: PayloadFields = Object.fromEntries(
    Object.entries(fields).flatMap(([name, others]) => textIn(sent, [name, ...others], name)),
  );
  return { ...read, ...(client === "cursor" ? cursorFields(sent) : {}), client, sent };
}

/** A field that is not what it should be counts as left out: clients add fields and change them. */
function textIn(sent: JsonObject, names: readonly string[], field: string): [string, string][] {
  const value = names.map((name) => sent[name]).find((one) => typeof one === "string");
  return typeof value === "string" && value.length <= MAX_FIELD_CHARACTERS ? [[field, value]] : [];
}

/** Ids of clients are short words of ASCII. Anything else could not stand in a sentence, or serve as a key. */
const runKeyPattern = /^[\w.:@+-]{1,128}$/;

/** What names the run for the client, and so for us: its idempotency key. */
export function runKeyOf({ agent_id }: PayloadFields): string | undefined {
  return agent_id !== undefined && runKeyPattern.test(agent_id) ? agent_id : undefined;
}

/** What the client calls the agent, cut to 500 characters: no real type is as long. */
export function agentTypeOf({ agent_type }: PayloadFields): string | undefined {
  const type = agent_type?.trim().slice(0, 500);
  return type === "" ? undefined : type;
}
