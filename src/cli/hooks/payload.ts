import * as z from "zod";
import { KaizenError } from "../../errors.ts";

/** A payload has the last message of an agent, and is far from this. */
export const MAX_PAYLOAD_BYTES = 4 * 1024 * 1024;

/** A field that is not what it should be counts as left out: clients add fields and change them. */
const text = z.string().max(100_000).optional().catch(undefined);

/** What Claude Code sends to its hooks (code.claude.com/docs/en/hooks), as far as it is looked at. */
const payloadSchema = z.object({
  cwd: text,
  hook_event_name: text,
  agent_id: text,
  /** Empty, or the session's own agent, for what the client runs for itself. Older versions leave it out at the end. */
  agent_type: text,
  /** The main conversation's, also in a hook about a subagent. */
  transcript_path: text,
  agent_transcript_path: text,
  last_assistant_message: text,
  /** Of a turn that an error of the API has ended. */
  error: text,
  error_details: text,
});

export type Payload = z.infer<typeof payloadSchema>;

export function readPayload(input: string): Payload {
  try {
    return payloadSchema.parse(JSON.parse(input.replace(/^\ufeff/, "")));
  } catch (cause) {
    const found = input.trim() === "" ? "nothing" : "no JSON object";
    throw new KaizenError("INVALID_ARGUMENT", `${found} came on stdin.`, {
      hint: "A client's hook sends its payload there.",
      cause,
    });
  }
}

/** Ids of clients are short words of ASCII. Anything else could not stand in a sentence, or serve as a key. */
const runKeyPattern = /^[\w.:@+-]{1,128}$/;

/** What names the run for the client, and so for us: its idempotency key. */
export function runKeyOf({ agent_id }: Payload): string | undefined {
  return agent_id !== undefined && runKeyPattern.test(agent_id) ? agent_id : undefined;
}

/** What the client calls the agent. Nobody has a name as long as this. */
export function agentTypeOf({ agent_type }: Payload): string | undefined {
  const type = agent_type?.trim().slice(0, 500);
  return type === "" ? undefined : type;
}
