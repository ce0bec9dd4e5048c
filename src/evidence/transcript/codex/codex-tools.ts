import { patchedPaths } from "../../../domain/evidence/commands/patched-paths.ts";
import type { JsonObject } from "../../../domain/text/json.ts";
import { number, text } from "../fields.ts";
import type { RunRecord, Steps } from "../run-record.ts";
import { type CodexCall, type CodexOutput, callOf, outputOf } from "./codex-forms.ts";

interface Begun extends CodexCall {
  /** In ms. */
  readonly at: number | undefined;
}

/** A command that goes on, and what it has printed so far. */
interface Running {
  readonly call: Begun;
  readonly output: string;
}

const denial = /^(?:exec command |patch |command )?rejected by (?:the )?user\b/i;
const MOST_RUNNING = 100;
const LONGEST_OUTPUT = 256 * 1024;

/** The calls of tools in a rollout of Codex, and what came of them. */
export class CodexTools {
  readonly #record: RunRecord;
  readonly #steps: Steps;
  readonly #underWay = new Map<string, Begun>();
  readonly #running = new Map<string, Running>();

  constructor(record: RunRecord, steps: Steps) {
    this.#record = record;
    this.#steps = steps;
  }

  call(item: JsonObject, cwd: string | undefined, at: number | undefined): void {
    const call = callOf(item);
    if (call === undefined || this.#underWay.has(call.id)) return;
    this.#record.tools++;
    if (call.name === "spawn_agent") this.#steps.delegated?.(at);
    const { args } = call;
    this.#record.reports.call(call.id, call.name, () => ({
      agent: text(args, "agent"),
      key: text(args, "idempotency_key"),
    }));
    this.#underWay.set(call.id, { ...call, cwd: call.cwd ?? cwd, at });
  }

  result(item: JsonObject, at: number | undefined): void {
    const call = this.#take(text(item, "call_id"));
    if (call !== undefined) this.#end(call, outputOf(item), at);
  }

  /** Some versions tell the end of a command by itself, with its status. */
  ended(event: JsonObject, at: number | undefined): void {
    const exit = number(event, "exit_code") ?? null;
    const call = exit === null ? undefined : this.#take(text(event, "call_id"));
    if (call !== undefined)
      this.#end(call, { text: text(event, "aggregated_output") ?? "", exit, session: undefined }, at);
  }

  /** What was started and not seen to end: nothing is known of how it went. */
  close(): void {
    for (const { call, output } of this.#running.values()) this.#addCommand(call, output, null);
    this.#running.clear();
  }

  #take(id: string | undefined): Begun | undefined {
    const call = this.#underWay.get(id ?? "");
    this.#underWay.delete(id ?? "");
    return call;
  }

  #end(call: Begun, output: CodexOutput, at: number | undefined): void {
    const isError = output.exit !== null && output.exit !== 0;
    const isPatch = call.name === "apply_patch";
    this.#record.reports.answer(call.id, isError, () => output.text);
    if (denial.test(output.text)) {
      this.#record.denied++;
      if (isPatch) this.#record.deniedEdits++;
      return;
    }
    if (isError) this.#record.toolErrors++;
    if (isPatch) this.#patched(call, output, at);
    else if (call.name === "write_stdin") this.#goOn(call, output);
    else if (call.command !== "" && output.session !== undefined)
      this.#keep(output.session, { call, output: output.text });
    else if (call.command !== "") this.#addCommand(call, output.text, output.exit);
  }

  #patched({ cwd, input }: CodexCall, { exit, text }: CodexOutput, at: number | undefined): void {
    if (exit !== 0 && !(exit === null && /^(?:Success|Done)\b/.test(text))) return;
    for (const path of patchedPaths(input)) this.#steps.add({ kind: "edit", path, cwd }, at);
  }

  /** A command that takes longer is asked for what it has printed since. */
  #goOn({ args }: CodexCall, { exit, session, text: output }: CodexOutput): void {
    const id = String(args?.session_id ?? "");
    const running = this.#running.get(id);
    if (running === undefined) return;
    const all = `${running.output}${output}`.slice(-LONGEST_OUTPUT);
    this.#running.delete(id);
    if (session !== undefined) this.#keep(id, { ...running, output: all });
    else this.#addCommand(running.call, all, exit);
  }

  #keep(id: string, running: Running): void {
    if (this.#running.size < MOST_RUNNING) this.#running.set(id, running);
  }

  #addCommand({ at, command, cwd }: Begun, output: string, exit: number | null): void {
    this.#steps.add({ kind: "cmd", command, output, exit, cwd }, at);
  }
}
