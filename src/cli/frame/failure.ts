import { type ErrorCode, KaizenError } from "../../errors.ts";
import type { Log } from "../../log.ts";
import { jsonDocument } from "./json-document.ts";

/** What is told of a fault that is ours; the stack goes with it where a person reads. */
const INTERNAL = "Something went wrong inside kaizen-metrics.";

/** Names and values in an error come from callers and from files. */
const MAX_ERROR_CHARACTERS = 2_000;

const usageCodes: ReadonlySet<ErrorCode> = new Set(["INVALID_ARGUMENT", "INVALID_AGENT"]);

/** 2 where another line is needed, 1 where the line was right and something else was wrong. */
export function exitCodeOf(error: unknown, { root }: { readonly root: string | undefined }): 1 | 2 {
  if (!(error instanceof KaizenError)) return 1;
  // Without --root it is the place or the environment that names no project.
  return usageCodes.has(error.code) || (error.code === "NO_PROJECT" && root !== undefined) ? 2 : 1;
}

/** Tells an error on stderr: a sentence and a hint, or as a JSON document of the same. */
export function tellError(
  error: unknown,
  { json, log, write }: { json: boolean; log: Log; write(text: string): void },
): void {
  if (!(error instanceof KaizenError)) {
    if (json) write(errorDocument("INTERNAL", INTERNAL, undefined));
    else log.error(INTERNAL, error);
    return;
  }
  const message = cut(error.message);
  const hint = error.hint === undefined ? undefined : cut(error.hint);
  if (json) write(errorDocument(error.code, message, hint));
  else log.info(hint === undefined ? message : `${message} ${hint}`);
}

function errorDocument(code: string, message: string, hint: string | undefined): string {
  return jsonDocument({ error: { code, message, ...(hint === undefined ? {} : { hint }) } });
}

function cut(text: string): string {
  return text.length > MAX_ERROR_CHARACTERS ? `${text.slice(0, MAX_ERROR_CHARACTERS)}…` : text;
}
