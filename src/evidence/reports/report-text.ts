import { TextDecoder } from "node:util";
import { unreadable } from "./report.ts";

/** A report as bytes in UTF-8, such as a file's stream, or as text. */
export type ReportSource = AsyncIterable<Uint8Array> | string;

const MIB = 1024 * 1024;
const MAX_REPORT_BYTES = 64 * MIB;
/** A long text is handed on in parts of so many characters. */
const PART = 64 * 1024;

/** The text of a report, part by part. Fails with a `KaizenError` if it is empty, too large or not UTF-8. */
export async function* reportText(source: ReportSource): AsyncGenerator<string> {
  let isEmpty = true;
  for await (const text of typeof source === "string" ? partsOf(source) : decoded(source)) {
    isEmpty &&= text.trim() === "";
    yield text;
  }
  if (isEmpty) throw unreadable("The report is empty.", "Look whether the test run got as far as writing it.");
}

function* partsOf(text: string): Generator<string> {
  refuseLarge(Buffer.byteLength(text));
  const start = text.startsWith("\ufeff") ? 1 : 0;
  for (let at = start; at < text.length; at += PART) yield text.slice(at, at + PART);
}

async function* decoded(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  // It leaves a byte order mark out by itself.
  const decoder = new TextDecoder("utf-8", { fatal: true });
  let total = 0;
  for await (const chunk of bytes) {
    total += chunk.length;
    refuseLarge(total);
    yield decode(decoder, chunk);
  }
  yield decode(decoder);
}

function decode(decoder: TextDecoder, chunk?: Uint8Array): string {
  try {
    return decoder.decode(chunk, { stream: chunk !== undefined });
  } catch (cause) {
    throw unreadable("The report is not in UTF-8.", "Have the test runner write UTF-8, or convert the file.", cause);
  }
}

function refuseLarge(bytes: number): void {
  if (bytes <= MAX_REPORT_BYTES) return;
  throw unreadable(
    `The report is larger than ${MAX_REPORT_BYTES / MIB} MiB.`,
    "Leave the tests' output out of it, or import the reports of single packages.",
  );
}
