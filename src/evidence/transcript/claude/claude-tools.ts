import { isJsonObject, type JsonObject, type JsonValue } from "../../../domain/text/json.ts";
import { isTrue, object, text, textOf } from "../fields.ts";
import type { RunRecord, Steps } from "../run-record.ts";

/** A call that waits for its result. */
interface Call {
  readonly name: string;
  readonly command: string;
  readonly path: string;
  readonly isBackground: boolean;
  /** In ms. */
  readonly at: number | undefined;
}

const editors = /^(?:Edit|Write|MultiEdit|NotebookEdit)$/;
const agents = /^(?:Task|Agent)$/;
const denial = /^The user doesn't want to (?:proceed with this tool use|take this action)/;
const exitCode = /^(?:Error: )?Exit code (\d{1,5})\b/;
/** Of a command no more is looked at. */
const LONGEST_COMMAND = 65_536;

/** The calls of tools in a transcript of Claude Code, and what came of them. */
export class ClaudeTools {
  readonly #record: RunRecord;
  readonly #steps: Steps;
  readonly #underWay = new Map<string, Call>();
  /** A session that was taken up again repeats its calls. */
  readonly #known = new Set<string>();

  constructor(record: RunRecord, steps: Steps) {
    this.#record = record;
    this.#steps = steps;
  }

  call(block: JsonObject, at: number | undefined): void {
    const [id, name, input] = [text(block, "id"), text(block, "name") ?? "", object(block, "input")];
    if (id === undefined || this.#known.has(id)) return;
    this.#known.add(id);
    this.#record.tools++;
    if (agents.test(name)) this.#steps.delegated?.(at);
    this.#record.reports.call(id, name, () => ({ agent: text(input, "agent"), key: text(input, "idempotency_key") }));
    this.#underWay.set(id, {
      name,
      command: name === "Bash" ? (text(input, "command") ?? "").slice(0, LONGEST_COMMAND) : "",
      path: editors.test(name) ? (text(input, "file_path") ?? text(input, "notebook_path") ?? "") : "",
      isBackground: isTrue(input, "run_in_background"),
      at,
    });
  }

  /** Takes a result, and says whether the user interrupted what it is of. */
  result(
    block: JsonObject,
    toolUseResult: JsonValue | undefined,
    cwd: string | undefined,
    at: number | undefined,
  ): boolean {
    const id = text(block, "tool_use_id") ?? "";
    const call = this.#underWay.get(id);
    if (call === undefined) return false;
    this.#underWay.delete(id);
    const [isError, result] = [isTrue(block, "is_error"), isJsonObject(toolUseResult) ? toolUseResult : undefined];
    this.#record.reports.answer(id, isError, () => textOf(block.content));
    const said = isError || call.command !== "" ? textOf(block.content, "\n") : "";
    if (isError && denial.test(said)) {
      this.#record.denied++;
      if (editors.test(call.name)) this.#record.deniedEdits++;
      return false;
    }
    if (isError) this.#record.toolErrors++;
    if (call.command !== "") this.#steps.add(commandStep(call, said, isError, result, cwd), call.at);
    else if (call.path !== "" && !isError) this.#steps.add({ kind: "edit", path: call.path, cwd }, at);
    return isTrue(result, "interrupted");
  }
}

function commandStep(
  call: Call,
  said: string,
  isError: boolean,
  result: JsonObject | undefined,
  cwd: string | undefined,
) {
  const output = `${text(result, "stdout") ?? ""}\n${text(result, "stderr") ?? ""}`;
  return {
    kind: "cmd" as const,
    command: call.command,
    output: output.trim() === "" ? said : output,
    exit: isError ? exitOf(said) : isUnsure(call, result) ? null : 0,
    cwd,
  };
}

function exitOf(said: string): number | null {
  const code = exitCode.exec(said)?.[1];
  return code === undefined ? null : Number(code);
}

/** Of a command without an error: whether it may have ended otherwise than with 0, or not yet. */
function isUnsure({ isBackground }: Call, result: JsonObject | undefined): boolean {
  if (isBackground || isTrue(result, "interrupted")) return true;
  return ["returnCodeInterpretation", "backgroundTaskId", "timedOutAfterMs"].some((name) => result?.[name] != null);
}
