import type { ServerResponse } from "node:http";
import type { Answer, Seen } from "./script.ts";

/** A protocol in which clients speak with models. */
export interface Wire {
  /** Which requests ask a model, by their path. */
  readonly asks: RegExp;
  /** A request's body as what a model sees, and how it is answered. */
  read(body: unknown, path: string): { readonly seen: Seen; answer(response: ServerResponse, answer: Answer): void };
}

let made = 0;

/** An id that no other has in this process. */
export function newId(prefix: string): string {
  made += 1;
  return `${prefix}_${made}`;
}

export function sendJson(response: ServerResponse, value: unknown, status = 200): void {
  response.writeHead(status, { "content-type": "application/json" });
  response.end(JSON.stringify(value));
}

/** Sends all events at once: no client needs them one by one. With `type` in an event it also gets that name. */
export function sendEvents(response: ServerResponse, events: readonly (object | string)[]): void {
  response.writeHead(200, { "content-type": "text/event-stream" });
  for (const event of events) {
    const name = typeof event === "object" && "type" in event ? `event: ${event.type}\n` : "";
    response.write(`${name}data: ${typeof event === "string" ? event : JSON.stringify(event)}\n\n`);
  }
  response.end();
}
