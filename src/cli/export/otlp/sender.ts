import { setTimeout as delay } from "node:timers/promises";
import { gzipSync } from "node:zlib";
import { formatHalfEven } from "../../../domain/statistics/rounding.ts";
import { isJsonObject, parseJson } from "../../../domain/text/json.ts";
import { plainLine } from "../../../domain/text/plain-text.ts";
import { KaizenError } from "../../../errors.ts";
import type { CommandContext } from "../../frame/define-command.ts";
import type { OtlpSettings } from "./settings.ts";

/** What a receiver said of a request that it took. */
export interface Accepted {
  readonly rejectedSpans: number;
  /** Why it rejected some, or a warning. */
  readonly message: string | undefined;
}

const ATTEMPTS = 5;
const FIRST_PAUSE_MS = 250;
/** If a receiver wants a longer pause than this, in ms, the export fails, and the user may repeat it later. */
const LONGEST_PAUSE_MS = 30_000;
/** All pauses of an export together last no longer than this, in ms. */
const ALL_PAUSES_MS = 60_000;
const MAX_ANSWER_BYTES = 64 * 1024;

/** The answers that may be others the next time (OTLP specification, "Retryable Response Codes"). */
const retryable = new Set([429, 502, 503, 504]);

/** What the sender needs of the machine, and whom it tells why it waits, as `CommandContext` has it. */
export type Surroundings = Pick<CommandContext, "log" | "now" | "progress" | "random">;

/** How long an export may still pause, over all of its requests. */
export class Patience {
  readonly totalMs: number;
  #leftMs: number;

  constructor(totalMs = ALL_PAUSES_MS) {
    this.totalMs = totalMs;
    this.#leftMs = totalMs;
  }

  /** Takes a pause off, if there is that much left. */
  take(pauseMs: number): boolean {
    if (pauseMs > this.#leftMs) return false;
    this.#leftMs -= pauseMs;
    return true;
  }
}

/** Sends one request, and again where that may help. Fails with `IO_ERROR` if the receiver did not take it. */
export async function send(
  body: string,
  settings: OtlpSettings,
  patience: Patience,
  around: Surroundings,
): Promise<Accepted> {
  for (let attempt = 1; ; attempt += 1) {
    const answer = await post(body, settings, around);
    if ("accepted" in answer) return answer.accepted;
    const backoff = FIRST_PAUSE_MS * 2 ** (attempt - 1) * (0.5 + around.random());
    const pause = answer.retryAfterMs ?? backoff;
    const when = pause < 50 ? "at once" : `in ${formatHalfEven(pause / 1000, 1)} s`;
    const isLast = !answer.mayRetry || attempt === ATTEMPTS;
    if (isLast || pause > LONGEST_PAUSE_MS || !patience.take(pause)) {
      const after = answer.mayRetry && attempt > 1 ? ` (after ${attempt} attempts)` : "";
      const limit = pause > LONGEST_PAUSE_MS ? `${LONGEST_PAUSE_MS / 1000} s` : `${patience.totalMs / 1000} s in all`;
      const tooLong = isLast ? "" : ` To try again ${when} is too long: an export pauses for ${limit} at most.`;
      const message = `${placeOf(settings)} ${answer.problem}${after}.${tooLong}`;
      throw new KaizenError("IO_ERROR", message, { cause: answer.cause });
    }
    around.progress.clear();
    around.log.info(`${placeOf(settings)} ${answer.problem}; trying again ${when} (${attempt + 1} of ${ATTEMPTS}).`);
    await delay(pause);
  }
}

/** The address without what may be a secret. */
export function placeOf({ url }: OtlpSettings): string {
  return `${url.origin}${url.pathname}`;
}

type Answer =
  | { readonly accepted: Accepted }
  | {
      readonly problem: string;
      readonly mayRetry: boolean;
      readonly retryAfterMs?: number | undefined;
      readonly cause?: unknown;
    };

async function post(body: string, settings: OtlpSettings, { now }: Pick<Surroundings, "now">): Promise<Answer> {
  const { isCompressed, timeoutMs, url } = settings;
  // The form of what is sent is ours to say.
  const { "content-encoding": _, ...headers } = settings.headers;
  const bytes = isCompressed ? gzipSync(body) : Buffer.from(body);
  try {
    const response = await fetch(url, {
      method: "POST",
      headers: {
        ...headers,
        "content-type": "application/json",
        ...(isCompressed ? { "content-encoding": "gzip" } : {}),
      },
      body: bytes,
      // What is in the headers is meant for this address only.
      redirect: "manual",
      signal: AbortSignal.timeout(timeoutMs),
    });
    const said = parseJson(await readBounded(response));
    if (response.ok) return { accepted: acceptedIn(said) };
    const message = isJsonObject(said) && typeof said.message === "string" ? `: ${plainLine(said.message, 300)}` : "";
    return {
      problem: `answered ${response.status}${message}`,
      mayRetry: retryable.has(response.status),
      retryAfterMs: retryAfter(response.headers.get("retry-after"), now()),
    };
  } catch (cause) {
    const isSlow = cause instanceof Error && cause.name === "TimeoutError";
    const problem = isSlow ? `did not answer within ${timeoutMs} ms` : `could not be reached (${reasonOf(cause)})`;
    return { problem, mayRetry: true, cause };
  }
}

/** `undefined` if the header is missing or says nothing that can be understood. */
function retryAfter(header: string | null, now: number): number | undefined {
  if (header === null) return undefined;
  if (/^\d{1,9}$/.test(header.trim())) return Number(header) * 1000;
  const at = Date.parse(header);
  return Number.isNaN(at) ? undefined : Math.max(0, at - now);
}

/** `ExportTraceServiceResponse` in JSON. A receiver may answer in another form, and has taken the spans all the same. */
function acceptedIn(said: unknown): Accepted {
  const partial = isJsonObject(said) && isJsonObject(said.partialSuccess) ? said.partialSuccess : {};
  const rejected = Number(partial.rejectedSpans ?? 0);
  return {
    rejectedSpans: Number.isSafeInteger(rejected) && rejected > 0 ? rejected : 0,
    message:
      typeof partial.errorMessage === "string" && partial.errorMessage !== ""
        ? plainLine(partial.errorMessage, 300)
        : undefined,
  };
}

async function readBounded(response: Response): Promise<string> {
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const part of response.body ?? []) {
    parts.push(part);
    length += part.length;
    // Leaving the loop ends the answer.
    if (length > MAX_ANSWER_BYTES) break;
  }
  return Buffer.concat(parts).toString("utf8");
}

function reasonOf(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  if (cause instanceof Error && "code" in cause) return String(cause.code);
  return cause instanceof Error ? plainLine(cause.message, 200) : "no reason given";
}
