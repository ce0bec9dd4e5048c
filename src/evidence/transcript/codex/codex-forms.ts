import { isJsonObject, type JsonObject, type JsonValue, parseJson } from "../../../domain/text/json.ts";
import { number, object, text, textOf } from "../fields.ts";

/** What a call of a tool asks for, whatever the form that a version of Codex writes it in. */
export interface CodexCall {
  readonly id: string;
  /** With the server's name before it if it is no tool of Codex itself. */
  readonly name: string;
  readonly args: JsonObject | undefined;
  /** The line of a shell; empty if it is no shell. */
  readonly command: string;
  /** What a tool that takes plain text got. */
  readonly input: string;
  readonly cwd: string | undefined;
}

const calls = /^(?:function_call|custom_tool_call|local_shell_call)$/;
const shells = /^(?:exec_command|shell_command|shell|exec|bash|container\.exec|local_shell)$/;
/** Of a command no more is looked at. */
const LONGEST_COMMAND = 65_536;

export function callOf(item: JsonObject): CodexCall | undefined {
  const [type, id] = [text(item, "type") ?? "", text(item, "call_id")];
  if (!calls.test(type) || id === undefined) return undefined;
  const name = `${text(item, "namespace") ?? ""}${text(item, "name") ?? "local_shell"}`;
  const parsed = parseJson(text(item, "arguments") ?? "");
  const args = object(item, "action") ?? (isJsonObject(parsed) ? parsed : undefined);
  const input = text(item, "input") ?? text(args, "input") ?? "";
  const command = shells.test(name) ? lineOf(args?.cmd ?? args?.command ?? input).slice(0, LONGEST_COMMAND) : "";
  return { id, name, args, command, input, cwd: text(args, "workdir") ?? text(args, "working_directory") };
}

/** A command in words is one that a shell gets as it is; a shell that it starts is seen through by those who read it. */
function lineOf(command: JsonValue | undefined): string {
  if (typeof command === "string") return command;
  if (!Array.isArray(command)) return "";
  return command.map((word) => `'${String(word).replaceAll("'", `'\\''`)}'`).join(" ");
}

export interface CodexOutput {
  readonly text: string;
  /** `null` if it is not said. */
  readonly exit: number | null;
  /** The id of a process that goes on. */
  readonly session: string | undefined;
}

/** What came of a call: JSON with an exit status beside the output, or lines about it, and then the output. */
export function outputOf(item: JsonObject): CodexOutput {
  const output = item.output;
  if (isJsonObject(output)) {
    const isBad = output.success === false;
    return { ...ofText(textOf(output.content)), ...(isBad ? { exit: 1 } : {}) };
  }
  return ofText(textOf(output, "\n"));
}

const exited = /^(?:Process exited with code|Exit code:) (-?\d{1,10})$/m;
const running = /^Process running with session ID (\d{1,18})$/m;
/** The lines before the output are a few. */
const LONGEST_HEAD = 1000;

function ofText(output: string): CodexOutput {
  const parsed = output.startsWith("{") ? parseJson(output) : undefined;
  if (isJsonObject(parsed) && typeof parsed.output === "string") {
    return { text: parsed.output, exit: number(object(parsed, "metadata"), "exit_code") ?? null, session: undefined };
  }
  const at = output.slice(0, LONGEST_HEAD).search(/^Output:$/m);
  const head = output.slice(0, at < 0 ? LONGEST_HEAD : at);
  const code = exited.exec(head)?.[1];
  return {
    text: at < 0 ? output : output.slice(at + "Output:\n".length),
    exit: code === undefined ? null : Number(code),
    session: running.exec(head)?.[1],
  };
}
