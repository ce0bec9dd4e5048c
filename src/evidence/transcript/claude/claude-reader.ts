import { readInstant } from "../../../domain/run/time.ts";
import type { JsonObject } from "../../../domain/text/json.ts";
import type { Bill } from "../bill.ts";
import { isTrue, object, objects, text, textOf } from "../fields.ts";
import { failureOf, type ReaderOptions, RunRecord } from "../run-record.ts";
import type { Moment } from "../worked-time.ts";
import { ClaudeMessages } from "./claude-messages.ts";
import { ClaudeTools } from "./claude-tools.ts";

const interruption = /^\[Request interrupted by user/;

/** Reads the lines of a transcript of Claude Code, as its versions 2.1.38 to 2.1.268 write them; other lines tell nothing. */
export class ClaudeReader {
  readonly client = "claude-code";
  readonly record = new RunRecord();
  readonly #options: ReaderOptions;
  readonly #messages: ClaudeMessages;
  readonly #tools: ClaudeTools;
  #isOwn: boolean;
  /** An interrupt has one line for what it ended, and one for itself. */
  #wasInterrupted = false;

  constructor(options: ReaderOptions) {
    this.#options = options;
    this.#isOwn = options.isNamed || options.key === undefined;
    this.#messages = new ClaudeMessages(options.elsewhere);
    this.#tools = new ClaudeTools(this.record, options.steps ?? this.record.seen);
  }

  get isOwn(): boolean {
    return this.#isOwn;
  }

  get messageIds(): ReadonlySet<string> {
    return this.#messages.ids;
  }

  bill(): Bill {
    return this.#messages.bill();
  }

  add(line: JsonObject): void {
    const isOfAgent = text(line, "agentId") === this.#options.key;
    if (this.#options.key !== undefined && isOfAgent) this.#isOwn = true;
    if (!this.#isOfThisRun(line, isOfAgent)) return;
    const record = this.record;
    const [type, message, at] = [text(line, "type"), object(line, "message"), readInstant(text(line, "timestamp"))];
    const blocks = objects(message, "content");
    if (message !== undefined) record.isUnderstood = true;
    record.folders.add(text(line, "cwd"));
    record.sessionId ??= text(line, "sessionId");
    record.agentType = text(line, "attributionAgent") ?? record.agentType;
    record.clock.add(momentOf(type, blocks, at));
    if (type === "assistant") this.#answer(line, message, blocks, at);
    else if (type === "user") this.#input(line, message, blocks, at);
  }

  /** A file may have the lines of several agents, beside those of the conversation that started them. */
  #isOfThisRun(line: JsonObject, isOfAgent: boolean): boolean {
    if (this.#options.isNamed) return true;
    return this.#options.key === undefined ? !isTrue(line, "isSidechain") : isOfAgent;
  }

  #answer(
    line: JsonObject,
    message: JsonObject | undefined,
    blocks: readonly JsonObject[],
    at: number | undefined,
  ): void {
    const record = this.record;
    // Where an error of the API ends a turn, the client writes it in the place of the model's answer.
    const isError = isTrue(line, "isApiErrorMessage");
    record.failure = isError ? failureOf(text(line, "error"), textOf(message?.content)) : undefined;
    record.endsInterrupted = false;
    this.#wasInterrupted = false;
    const model = text(message, "model");
    if (isError || model === "<synthetic>" || message === undefined) return;
    record.model = model;
    this.#messages.add(line, message, model, at);
    for (const block of blocks) if (text(block, "type") === "tool_use") this.#tools.call(block, at);
  }

  #input(
    line: JsonObject,
    message: JsonObject | undefined,
    blocks: readonly JsonObject[],
    at: number | undefined,
  ): void {
    const record = this.record;
    record.failure = undefined;
    record.endsInterrupted = false;
    const result = line.toolUseResult;
    for (const block of blocks) {
      if (text(block, "type") === "tool_result" && this.#tools.result(block, result, text(line, "cwd"), at))
        this.#interrupt();
    }
    const said = text(message, "content") ?? blocks.map((block) => text(block, "text") ?? "");
    if ([said].flat().some((each) => interruption.test(each))) this.#interrupt();
  }

  #interrupt(): void {
    if (!this.#wasInterrupted) this.record.interrupted++;
    this.#wasInterrupted = true;
    this.record.endsInterrupted = true;
  }
}

function momentOf(type: string | undefined, blocks: readonly JsonObject[], at: number | undefined): Moment {
  const ids = (kind: string, name: string) =>
    blocks.flatMap((block) => (text(block, "type") === kind ? [text(block, name) ?? ""] : []));
  return {
    at,
    said: type === "assistant" ? "model" : type === "user" ? "user" : "note",
    calls: ids("tool_use", "id"),
    results: ids("tool_result", "tool_use_id"),
  };
}
