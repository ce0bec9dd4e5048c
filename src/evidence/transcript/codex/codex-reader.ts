import { readInstant } from "../../../domain/run/time.ts";
import type { JsonObject } from "../../../domain/text/json.ts";
import { Bill } from "../bill.ts";
import { object, text, tokens } from "../fields.ts";
import { type ReaderOptions, RunRecord } from "../run-record.ts";
import { CodexTools } from "./codex-tools.ts";

const lineTypes = /^(?:session_meta|turn_context|response_item|event_msg|compacted)$/;

export function isCodexLine(line: JsonObject): boolean {
  return object(line, "payload") !== undefined && lineTypes.test(text(line, "type") ?? "");
}

/** A subagent's rollout begins with what its parent's had, written in one go. */
const REPLAY_MS = 1000;

interface Usage {
  readonly input: number;
  readonly cached: number;
  readonly output: number;
}

/** Reads the lines of a rollout of Codex; lines of forms that are not known tell nothing. */
export class CodexReader {
  readonly client = "codex";
  readonly record = new RunRecord();
  readonly messageIds: ReadonlySet<string> = new Set();
  readonly #bill = new Bill();
  readonly #options: ReaderOptions;
  readonly #tools: CodexTools;
  #isOwn: boolean;
  #cwd: string | undefined;
  /** Until when what comes is the parent's, in ms. */
  #replayUntil = Number.NEGATIVE_INFINITY;
  #total: Usage = { input: 0, cached: 0, output: 0 };

  constructor(options: ReaderOptions) {
    this.#options = options;
    this.#isOwn = options.isNamed || options.key === undefined;
    this.#tools = new CodexTools(this.record, options.steps ?? this.record.seen);
  }

  get isOwn(): boolean {
    return this.#isOwn;
  }

  bill(): Bill {
    this.#tools.close();
    return this.#bill;
  }

  add(line: JsonObject): void {
    const [type, payload, at] = [text(line, "type"), object(line, "payload"), readInstant(text(line, "timestamp"))];
    if (payload === undefined) return;
    this.record.isUnderstood = true;
    if (type === "session_meta") this.#session(payload, at);
    if (type === "turn_context") this.record.model = text(payload, "model");
    if (type === "session_meta" || type === "turn_context") this.#workIn(text(payload, "cwd"));
    const isReplayed = at !== undefined && at < this.#replayUntil;
    if (type === "response_item") this.#item(payload, at, isReplayed);
    else this.record.clock.add({ at, said: "note", calls: [], results: [] });
    if (type === "event_msg") this.#event(payload, at, isReplayed);
  }

  /** The first is the rollout's own; a parent's may follow. */
  #session(meta: JsonObject, at: number | undefined): void {
    if (this.record.sessionId !== undefined) return;
    this.record.sessionId = text(meta, "id") ?? "";
    if (this.record.sessionId === this.#options.key) this.#isOwn = true;
    const source = object(meta, "source");
    const spawn = object(object(source, "subagent") ?? object(source, "subAgent"), "thread_spawn");
    if (spawn === undefined) return;
    this.record.agentType = text(spawn, "agent_role") ?? undefined;
    if (at !== undefined) this.#replayUntil = at + REPLAY_MS;
  }

  #workIn(cwd: string | undefined): void {
    this.#cwd = cwd ?? this.#cwd;
    this.record.folders.add(cwd);
  }

  #item(item: JsonObject, at: number | undefined, isReplayed: boolean): void {
    const [type, role, id] = [text(item, "type") ?? "", text(item, "role"), text(item, "call_id") ?? ""];
    const isResult = /_output$/.test(type);
    const isCall = !isResult && id !== "";
    const isModel = isCall || type === "reasoning" || role === "assistant";
    const said = isModel ? "model" : isResult || role === "user" ? "user" : "note";
    this.record.clock.add({ at, said, calls: isCall ? [id] : [], results: isResult ? [id] : [] });
    if (isReplayed) return;
    if (isModel) this.record.endsInterrupted = false;
    if (isCall) this.#tools.call(item, this.#cwd, at);
    else if (isResult) this.#tools.result(item, at);
  }

  #event(event: JsonObject, at: number | undefined, isReplayed: boolean): void {
    const type = text(event, "type");
    if (type === "token_count") this.#count(object(event, "info"), at, isReplayed);
    else if (isReplayed) return;
    else if (type === "exec_command_end") this.#tools.ended(event, at);
    else if (type === "turn_aborted" && (text(event, "reason") ?? "interrupted") === "interrupted") {
      this.record.interrupted++;
      this.record.endsInterrupted = true;
    }
  }

  /** An event that says the sum of the one before is a repetition of it. */
  #count(info: JsonObject | undefined, at: number | undefined, isReplayed: boolean): void {
    const [last, total] = [usageOf(object(info, "last_token_usage")), usageOf(object(info, "total_token_usage"))];
    const before = this.#total;
    this.#total = total ?? before;
    const isRepeated = total !== undefined && sameUsage(total, before);
    const usage = last ?? (total === undefined ? undefined : difference(total, before));
    if (usage === undefined || isRepeated || isReplayed) return;
    const cached = Math.min(usage.cached, usage.input);
    this.#bill.add({
      model: this.record.model,
      at,
      tokens: {
        input: usage.input - cached,
        output: usage.output,
        cacheRead: cached,
        cacheWrite5m: 0,
        cacheWrite1h: 0,
      },
      isSpecial: false,
    });
  }
}

function usageOf(usage: JsonObject | undefined): Usage | undefined {
  if (usage === undefined) return undefined;
  const cached = tokens(usage, "cached_input_tokens");
  return { input: tokens(usage, "input_tokens"), cached, output: tokens(usage, "output_tokens") };
}

function sameUsage(a: Usage, b: Usage): boolean {
  return a.input === b.input && a.cached === b.cached && a.output === b.output;
}

/** A sum that is less than the one before has begun anew. */
function difference(total: Usage, before: Usage): Usage {
  if (total.input < before.input || total.output < before.output) return total;
  const cached = Math.max(0, total.cached - before.cached);
  return { input: total.input - before.input, cached, output: total.output - before.output };
}
