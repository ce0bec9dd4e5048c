import type { Readable, Writable } from "node:stream";
import type { Transport } from "@modelcontextprotocol/sdk/shared/transport.js";
import { ErrorCode, isJSONRPCRequest, type JSONRPCMessage, type RequestId } from "@modelcontextprotocol/sdk/types.js";
import { InputLines } from "./input-lines.ts";
import { cancelledBy, isRefusal, type Refusal, readMessage } from "./messages.ts";
import { UnderWay } from "./under-way.ts";

/** No sensible message is longer, and an endless line must not fill the memory. */
export const MAX_LINE_BYTES = 10 * 1024 * 1024;

/** So many requests of a client are worked on at a time; what comes then has to wait its turn. */
export const MAX_UNDER_WAY = 64;

/** With so much that the client has not read, nothing is begun that would add to it. */
const MAX_UNWRITTEN_BYTES = 1024 * 1024;

/** With so much input waiting, no more is read: then the client's own writing has to wait. */
export const MAX_WAITING_BYTES = 1024 * 1024;

export interface StdioStreams {
  readonly input: Readable;
  readonly output: Writable;
}

/** A line that waits until there is room for what it asks. */
interface Waiting {
  readonly bytes: number;
  readonly read: JSONRPCMessage | Refusal;
}

/**
 * JSON-RPC messages as lines. It answers the sender of a broken line, and of one that is too long. A client that reads
 * no answers has to wait with its requests. `idle` tells when every request was answered.
 *
 * Stands in for the SDK's `StdioServerTransport`, which answers no broken or endless line, and has no `idle`.
 */
export class StdioTransport implements Transport {
  onmessage?: (message: JSONRPCMessage) => void;
  onerror?: (error: Error) => void;
  onclose?: () => void;
  /** Told once that no more input will be read: it ended, or a line was too long. */
  oninputend?: (problem: string | undefined) => void;
  /** Told each time that reading stops until there is room again. */
  onpause?: () => void;

  readonly #streams: StdioStreams;
  readonly #maxLineBytes: number;
  readonly #lines: InputLines;
  readonly #underWay = new UnderWay();
  #awaitingIdle: Array<() => void> = [];
  #waiting: Waiting[] = [];
  #waitingBytes = 0;
  #isPaused = false;
  #isReading = true;

  constructor(streams: StdioStreams, maxLineBytes = MAX_LINE_BYTES) {
    this.#streams = streams;
    this.#maxLineBytes = maxLineBytes;
    this.#lines = new InputLines(maxLineBytes);
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
      this.#write(message, (error) => {
        if (!("method" in message) && message.id !== undefined) this.#underWay.finish(message.id);
        if (error) reject(error);
        else resolve();
      });
    });
  }

  /** Resolves when every request has been answered, and the answers have been handed to the system. */
  idle(): Promise<void> {
    return this.#isIdle() ? Promise.resolve() : new Promise((resolve) => this.#awaitingIdle.push(resolve));
  }

  async close(): Promise<void> {
    this.#stopReading();
    this.#waiting = [];
    this.onclose?.();
  }

  #read = (chunk: Buffer): void => {
    for (const line of this.#lines.add(chunk)) {
      if (line === undefined) {
        this.#endAtLongLine();
        return;
      }
      if (line !== "") this.#take(line);
    }
    if (this.#waitingBytes <= MAX_WAITING_BYTES || this.#isPaused) return;
    this.#isPaused = true;
    this.#streams.input.pause();
    this.onpause?.();
  };

  /** Handles a line now, or when there is room: but what makes room, or is waited for, at once. */
  #take(line: string): void {
    const read = readMessage(line);
    const waits = this.#waiting.length > 0 || !this.#hasRoom();
    if (!waits || this.#isUrgent(read)) {
      this.#handle(read);
      this.#goOn();
      return;
    }
    const bytes = line.length;
    this.#waiting.push({ bytes, read });
    this.#waitingBytes += bytes;
  }

  #isUrgent(read: JSONRPCMessage | Refusal): boolean {
    if (isRefusal(read)) return false;
    if (!("method" in read)) return true;
    // Asks whether we are alive, which we are also while much is to be done.
    if (read.method === "ping") return this.#isRead();
    const cancelled = cancelledBy(read);
    return cancelled !== undefined && this.#underWay.has(cancelled);
  }

  #hasRoom(): boolean {
    return this.#underWay.count < MAX_UNDER_WAY && this.#isRead();
  }

  /** Whether the client reads what we write. */
  #isRead(): boolean {
    return this.#streams.output.writableLength <= MAX_UNWRITTEN_BYTES;
  }

  #handle(read: JSONRPCMessage | Refusal): void {
    if (isRefusal(read)) {
      this.#refuse(read.code, read.problem, read.id);
      return;
    }
    if (isJSONRPCRequest(read)) this.#underWay.add(read.id);
    this.onmessage?.(read);
    // A cancelled request gets no answer.
    const cancelled = cancelledBy(read);
    if (cancelled !== undefined) this.#underWay.finish(cancelled);
  }

  /** To be called wherever there may be room again. */
  #goOn(): void {
    while (this.#hasRoom()) {
      const next = this.#waiting.shift();
      if (next === undefined) break;
      this.#waitingBytes -= next.bytes;
      this.#handle(next.read);
    }
    if (this.#isPaused && this.#waitingBytes <= MAX_WAITING_BYTES / 2) {
      this.#isPaused = false;
      if (this.#isReading) this.#streams.input.resume();
    }
    if (this.#isIdle()) for (const resolve of this.#awaitingIdle.splice(0)) resolve();
  }

  #isIdle(): boolean {
    return this.#underWay.count === 0 && this.#waiting.length === 0;
  }

  #write(message: object, done: (error: Error | null | undefined) => void): void {
    this.#streams.output.write(`${JSON.stringify(message)}\n`, (error) => {
      done(error);
      this.#goOn();
    });
  }

  /** Answers what is no message. JSON-RPC wants `null` if the id is not known; the SDK's type has no word for it. */
  #refuse(code: ErrorCode, message: string, id: RequestId | null = null): void {
    this.onerror?.(new Error(message));
    this.#write({ jsonrpc: "2.0", id, error: { code, message } }, () => {});
  }

  #endAtLongLine(): void {
    const problem = `a line of input is longer than ${this.#maxLineBytes} bytes`;
    this.#stopReading();
    this.#refuse(ErrorCode.InvalidRequest, `Refused, and the connection ends: ${problem}.`);
    this.oninputend?.(problem);
  }

  #end = (): void => {
    const line = this.#lines.rest();
    if (line) this.#take(line);
    this.#stopReading();
    this.oninputend?.(undefined);
  };

  #fail = (error: Error): void => {
    this.#stopReading();
    this.oninputend?.(`reading the input failed: ${error.message}`);
  };

  #stopReading(): void {
    const { input } = this.#streams;
    this.#isReading = false;
    input.off("data", this.#read).off("end", this.#end).off("close", this.#end).off("error", this.#fail);
    input.pause();
    this.#lines.clear();
  }
}
