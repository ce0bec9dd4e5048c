import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { readTranscript, type TranscriptReading } from "../../../src/evidence/transcript/transcript.ts";
import { temporaryFolder } from "../../support/places.ts";

/** The run of the sample, and of all lines here. */
export const KEY = "a3f9c2d17be4";
export const MODEL = "claude-sonnet-4-5-20250929";

type Fields = Record<string, unknown>;

/** Lines of a transcript of Claude Code, a second apart from each other. */
export class ClaudeLines {
  readonly #lines: string[] = [];

  get text(): string {
    return this.#lines.map((line) => `${line}\n`).join("");
  }

  add(line: Fields): this {
    const timestamp = new Date(Date.UTC(2026, 10, 28, 10, 0, this.#lines.length)).toISOString();
    const common = { agentId: KEY, isSidechain: true, cwd: "/repo", sessionId: "s1", timestamp };
    this.#lines.push(JSON.stringify({ ...common, ...line }));
    return this;
  }

  /** An answer of the model, with so many tokens of output. */
  answer(id: string, output: number, line: Fields = {}, message: Fields = {}): this {
    const usage = { input_tokens: 10, output_tokens: output };
    const content = [{ type: "text", text: "So." }];
    return this.add({
      type: "assistant",
      requestId: `req_${id}`,
      ...line,
      message: { id, role: "assistant", model: MODEL, content, usage, ...message },
    });
  }

  call(id: string, name: string, input: Fields): this {
    const content = [{ type: "tool_use", id, name, input }];
    return this.add({ type: "assistant", message: { id: `msg_${id}`, role: "assistant", model: MODEL, content } });
  }

  result(id: string, content: unknown, line: Fields = {}, block: Fields = {}): this {
    const blocks = [{ type: "tool_result", tool_use_id: id, content, ...block }];
    return this.add({ type: "user", ...line, message: { role: "user", content: blocks } });
  }

  failed(id: string, content: string): this {
    return this.result(id, content, { toolUseResult: `Error: ${content}` }, { is_error: true });
  }

  says(content: unknown): this {
    return this.add({ type: "user", message: { role: "user", content } });
  }

  /** What is read of them, from a file with the run's name. */
  read(elsewhere?: ReadonlySet<string>): TranscriptReading {
    const reading = readTranscript(writtenAs(`agent-${KEY}.jsonl`, this.text), {
      key: KEY,
      ...(elsewhere === undefined ? {} : { elsewhere }),
    });
    if (reading === undefined) throw new Error("a transcript can be read");
    return reading;
  }
}

export function writtenAs(name: string, text: string | Uint8Array): string {
  const path = join(temporaryFolder(), name);
  writeFileSync(path, text);
  return path;
}
