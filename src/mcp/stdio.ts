import type { Readable, Writable } from "node:stream";
import type { Transport } from "@modelcontextprotocol/sdk/shared/transport.js";
import {
  ErrorCode,
  isJSONRPCNotification,
  isJSONRPCRequest,
  type JSONRPCMessage,
  JSONRPCMessageSchema,
  type RequestId,
} from "@modelcontextprotocol/sdk/types.js";

/** No sensible message is longer, and an endless line must not fill the memory. */
export const MAX_LINE_BYTES = 10 * 1024 * 1024;

export interface StdioStreams {
  readonly input: Readable;
  readonly output: Writable;
}

/**
 * JSON-RPC messages as lines. The SDK's own transport leaves the sender of a broken line without an answer, and closes
 * in silence at one that is too long; this one answers both, and knows which requests are still to be answered.
 */
export class StdioTransport implements Transport {
  onmessage?: (message: JSONRPCMessage) => void;
  onerror?: (error: Error) => void;
  onclose?: () => void;
  /** Told once that no more input will be read: it ended, or a line was too long. */
  oninputend?: (problem: string | undefined) => void;

  readonly #streams: StdioStreams;
  readonly #maxLineBytes: number;
  readonly #underWay = new Set<RequestId>();
  #waiting: Array<() => void> = [];
  /** The pieces of a line whose end has not arrived. */
  #pieces: Buffer[] = [];
  #bytes = 0;

  constructor(streams: StdioStreams, maxLineBytes = MAX_LINE_BYTES) {
    this.#streams = streams;
    this.#maxLineBytes = maxLineBytes;
  }

  async start(): Promise<void> {
    const { input } = this.#streams;
    input.on("data", this.#read);
    input.once("end", this.#end);
    input.once("close", this.#end);
    input.once("error", this.#fail);
  }

  send(message: JSONRPCMessage): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#streams.output.write(`${JSON.stringify(message)}\n`, (error) => {
        if (!("method" in message) && message.id !== undefined) this.#finish(message.id);
        if (error) reject(error);
        else resolve();
      });
    });
  }

  /** Resolves when every request has been answered, and the answers have been handed to the system. */
  idle(): Promise<void> {
    return this.#underWay.size === 0 ? Promise.resolve() : new Promise((resolve) => this.#waiting.push(resolve));
  }

  async close(): Promise<void> {
    this.#stopReading();
    this.onclose?.();
  }

  #read = (chunk: Buffer): void => {
    let start = 0;
    for (let end = chunk.indexOf(0x0a); end !== -1; end = chunk.indexOf(0x0a, start)) {
      if (!this.#keep(chunk.subarray(start, end))) return;
      this.#takeLine();
      start = end + 1;
    }
    this.#keep(chunk.subarray(start));
  };

  /** Adds a piece to the line, unless that makes it too long. */
  #keep(piece: Buffer): boolean {
    this.#bytes += piece.length;
    if (this.#bytes <= this.#maxLineBytes) {
      this.#pieces.push(piece);
      return true;
    }
    const problem = `a line of input is longer than ${this.#maxLineBytes} bytes`;
    this.#stopReading();
    this.#refuse(ErrorCode.InvalidRequest, `Refused, and the connection ends: ${problem}.`);
    this.oninputend?.(problem);
    return false;
  }

  #takeLine(): void {
    // A decoder of its own for each line also takes off a byte order mark, which some shells put first.
    const line = new TextDecoder().decode(Buffer.concat(this.#pieces)).trim();
    this.#pieces = [];
    this.#bytes = 0;
    if (line !== "") this.#receive(line);
  }

  #receive(line: string): void {
    let value: unknown;
    try {
      value = JSON.parse(line);
    } catch {
      this.#refuse(ErrorCode.ParseError, "A line of input is not JSON. Each line holds one JSON-RPC message.");
      return;
    }
    const parsed = JSONRPCMessageSchema.safeParse(value);
    if (parsed.success) {
      this.#track(parsed.data);
      this.onmessage?.(parsed.data);
    } else if (Array.isArray(value)) {
      this.#refuse(ErrorCode.InvalidRequest, "Batches are not part of this protocol: send one message a line.");
    } else {
      this.#refuse(ErrorCode.InvalidRequest, "A line of input is JSON, but not a JSON-RPC 2.0 message.", idOf(value));
    }
  }

  #track(message: JSONRPCMessage): void {
    if (isJSONRPCRequest(message)) this.#underWay.add(message.id);
    // A cancelled request gets no answer.
    if (isJSONRPCNotification(message) && message.method === "notifications/cancelled") {
      const id = message.params?.requestId;
      if (typeof id === "string" || typeof id === "number") this.#finish(id);
    }
  }

  #finish(id: RequestId): void {
    this.#underWay.delete(id);
    if (this.#underWay.size > 0) return;
    for (const resolve of this.#waiting.splice(0)) resolve();
  }

  /** Answers what is no message. JSON-RPC wants `null` where the id is not known; the SDK's type has no word for it. */
  #refuse(code: ErrorCode, message: string, id: RequestId | null = null): void {
    this.onerror?.(new Error(message));
    this.#streams.output.write(`${JSON.stringify({ jsonrpc: "2.0", id, error: { code, message } })}\n`);
  }

  #end = (): void => {
    if (this.#pieces.length > 0) this.#takeLine();
    this.#stopReading();
    this.oninputend?.(undefined);
  };

  #fail = (error: Error): void => {
    this.#stopReading();
    this.oninputend?.(`reading the input failed: ${error.message}`);
  };

  #stopReading(): void {
    const { input } = this.#streams;
    input.off("data", this.#read).off("end", this.#end).off("close", this.#end).off("error", this.#fail);
    input.pause();
    this.#pieces = [];
  }
}

/** The id of a broken request, so that its sender need not wait. A broken answer gets none: its id is one of ours. */
function idOf(value: unknown): RequestId | null {
  if (typeof value !== "object" || value === null || !("method" in value) || !("id" in value)) return null;
  return typeof value.id === "string" || typeof value.id === "number" ? value.id : null;
}
