import type { JsonObject } from "../../../domain/text/json.ts";
import { Bill, type Request, sumOf } from "../bill.ts";
import { object, text, tokens } from "../fields.ts";

/**
 * The answers of the model in a transcript of Claude Code. The client writes a line for each block of an answer, with the
 * tokens that were counted so far: so an answer is one id, and the line with the largest sum counts, of equals the last.
 */
export class ClaudeMessages {
  readonly #requests = new Map<string, Request>();
  /** By the answer's id. Older clients, and some lines of newer ones, say no request. */
  readonly #requestIds = new Map<string, string>();
  readonly #elsewhere: ReadonlySet<string>;

  /** Answers with the ids in `elsewhere` are another transcript's, which this one repeats. */
  constructor(elsewhere: ReadonlySet<string>) {
    this.#elsewhere = elsewhere;
  }

  get ids(): ReadonlySet<string> {
    return new Set(this.#requestIds.keys());
  }

  add(line: JsonObject, message: JsonObject, model: string | undefined, at: number | undefined): void {
    const [id, usage] = [text(message, "id"), object(message, "usage")];
    if (id === undefined || usage === undefined || this.#elsewhere.has(id)) return;
    const key = this.#keyOf(id, text(line, "requestId"));
    const request = requestOf(usage, model, at);
    const known = this.#requests.get(key);
    if (known === undefined || sumOf(request.tokens) >= sumOf(known.tokens)) this.#requests.set(key, request);
  }

  bill(): Bill {
    const bill = new Bill();
    for (const request of this.#requests.values()) bill.add(request);
    return bill;
  }

  #keyOf(id: string, requestId: string | undefined): string {
    const known = this.#requestIds.get(id) ?? "";
    if (known === "") this.#requestIds.set(id, requestId ?? "");
    return requestId === undefined || known === "" || known === requestId ? id : `${id} ${requestId}`;
  }
}

function requestOf(usage: JsonObject, model: string | undefined, at: number | undefined): Request {
  const written = object(usage, "cache_creation");
  const cacheWrite1h = tokens(written, "ephemeral_1h_input_tokens");
  // Older clients say the sum alone, and had a cache of 5 minutes alone.
  const allWritten = Math.max(tokens(usage, "cache_creation_input_tokens"), cacheWrite1h);
  return {
    model,
    at,
    tokens: {
      input: tokens(usage, "input_tokens"),
      output: tokens(usage, "output_tokens"),
      cacheRead: tokens(usage, "cache_read_input_tokens"),
      cacheWrite1h,
      cacheWrite5m: allWritten - cacheWrite1h,
    },
    isSpecial: isOther(usage, "speed") || isOther(usage, "service_tier"),
  };
}

/** Fast answers, and those of a batch, have prices of their own. */
function isOther(usage: JsonObject, name: string): boolean {
  return (text(usage, name) ?? "standard") !== "standard";
}
