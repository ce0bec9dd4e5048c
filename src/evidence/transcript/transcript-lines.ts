import { isJsonObject, parseJson } from "../../domain/text/json.ts";
import { ClaudeReader } from "./claude/claude-reader.ts";
import { CodexReader, isCodexLine } from "./codex/codex-reader.ts";
import { text } from "./fields.ts";
import type { ReaderOptions } from "./run-record.ts";

/** Takes the lines of a transcript, and has them read as those of the client that wrote them. */
export class TranscriptLines {
  readonly #options: ReaderOptions;
  #reader: ClaudeReader | CodexReader | undefined;

  constructor(options: ReaderOptions) {
    this.#options = options;
  }

  /** One that has read nothing, if no line said whose it is. */
  get reader(): ClaudeReader | CodexReader {
    return this.#reader ?? new ClaudeReader(this.#options);
  }

  /** A line that cannot be read tells nothing: the client may be at it while we look. */
  add(line: string): void {
    const entry = parseJson(line);
    if (!isJsonObject(entry)) return;
    if (this.#reader === undefined && text(entry, "type") !== undefined) {
      this.#reader = isCodexLine(entry) ? new CodexReader(this.#options) : new ClaudeReader(this.#options);
    }
    this.#reader?.add(entry);
  }

  /** The lines that follow do not follow directly. */
  leaveOut(): void {
    this.#reader?.record.clock.leaveOut();
  }
}
