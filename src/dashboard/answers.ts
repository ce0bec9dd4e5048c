import type { IncomingMessage, ServerResponse } from "node:http";
import { type ErrorCode, KaizenError } from "../errors.ts";
import type { Log } from "../log.ts";

/** Why a request gets nothing of what it asks for. */
export interface Refusal {
  readonly status: number;
  readonly code: string;
  readonly message: string;
  readonly hint?: string | undefined;
}

export interface Answer {
  readonly type: string;
  readonly body: string;
  readonly status?: number;
  /** Beside those that every answer has. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** With every answer. No answer may be kept, put into a frame, loaded by a page of another origin, or taken for code. */
export const everyHeader: Readonly<Record<string, string>> = {
  "Cache-Control": "no-store",
  "Content-Security-Policy": "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Resource-Policy": "same-origin",
  "Referrer-Policy": "no-referrer",
  "X-Content-Type-Options": "nosniff",
  "X-Frame-Options": "DENY",
};

export function send(response: ServerResponse, { body, headers, status = 200, type }: Answer): void {
  if (response.destroyed || response.headersSent) return;
  response.writeHead(status, {
    ...everyHeader,
    "Content-Type": `${type}; charset=utf-8`,
    "Content-Length": Buffer.byteLength(body),
    ...headers,
  });
  response.end(body);
}

export function json(value: unknown): Answer {
  return { type: "application/json", body: JSON.stringify(value) };
}

export function refuse(response: ServerResponse, { code, hint, message, status }: Refusal): void {
  // What comes behind a refused request is not waited for.
  const headers = { Connection: "close", ...(status === 405 ? { Allow: "GET, HEAD" } : {}) };
  send(response, { ...json({ error: { code, message, ...(hint === undefined ? {} : { hint }) } }), status, headers });
}

const statusOf: Partial<Record<ErrorCode, number>> = {
  NOT_FOUND: 404,
  INVALID_AGENT: 400,
  INVALID_ARGUMENT: 400,
  // What stands behind us does not answer: the page asks again.
  STORE_UNREACHABLE: 502,
};

/** Tells why something could not be shown. A fault of ours is told where the program runs, and not on the page. */
export function fail(request: IncomingMessage, response: ServerResponse, error: unknown, log: Log): void {
  if (request.destroyed || response.destroyed) return;
  if (error instanceof KaizenError) {
    const { code, hint, message } = error;
    refuse(response, { status: statusOf[code] ?? 500, code, message, hint });
    return;
  }
  log.error("the dashboard could not answer", error);
  const message = "Something went wrong inside kaizen-metrics.";
  refuse(response, { status: 500, code: "INTERNAL", message, hint: "The terminal that it runs in says more." });
}
