import { createHash } from "node:crypto";
import { isJsonObject, type JsonObject } from "../../../domain/text/json.ts";

// What Cursor sends (cursor.com/docs/hooks; not seen by us). A task for a subagent is a call of the tool `Task`, and only
// that call has an id: the end of the subagent does not name it.

/** The fields that stand elsewhere, or under a name that means something else to other clients. */
export function cursorFields(sent: JsonObject): Readonly<Record<string, string>> {
  const { cwd, subagent_type, tool_input, tool_name, workspace_roots } = sent;
  const isTask = tool_name === "Task";
  const input = isTask && isJsonObject(tool_input) ? tool_input : {};
  const folder = Array.isArray(workspace_roots) ? workspace_roots[0] : undefined;
  const found = {
    cwd: typeof cwd === "string" && cwd !== "" ? cwd : withoutSlashBeforeDrive(folder),
    agent_type: input.subagent_type ?? subagent_type,
    agent_id: keyOf(sent, isTask),
  };
  return Object.fromEntries(Object.entries(found).filter((entry): entry is [string, string] => isText(entry[1])));
}

function isText(value: unknown): value is string {
  return typeof value === "string";
}

/** On Windows folders may be written as `/c:/src`. */
function withoutSlashBeforeDrive(folder: unknown): unknown {
  return isText(folder) ? folder.replace(/^\/(?=[A-Za-z]:)/, "") : undefined;
}

/**
 * A key for the run: of the call, or else of all that the end says of the subagent. The ids themselves would not do: for
 * some models one has two lines.
 */
function keyOf(sent: JsonObject, isTask: boolean): string | undefined {
  const { hook_event_name, tool_call_id, tool_use_id } = sent;
  const call = tool_call_id ?? (isTask ? tool_use_id : undefined);
  if (isText(call) && call !== "") return hashOf(call);
  return hook_event_name === "subagentStop" ? hashOf(JSON.stringify(whatEnded.map((name) => sent[name]))) : undefined;
}

const whatEnded = ["conversation_id", "generation_id", "agent_transcript_path", "subagent_type", "task", "description"];

function hashOf(text: string): string {
  return `cursor-${createHash("sha256").update(text).digest("hex").slice(0, 20)}`;
}
