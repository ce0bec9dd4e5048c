import { KaizenError } from "../../errors.ts";
import { fileFailure } from "./file-failure.ts";

/** Everything that comes, as UTF-8. Fails with `INVALID_ARGUMENT` if that is more bytes than are wanted. */
export async function textFrom(chunks: AsyncIterable<Buffer>, maxBytes: number): Promise<string> {
  const parts: Buffer[] = [];
  let length = 0;
  for await (const part of readFromStdin(chunks)) {
    length += part.length;
    if (length > maxBytes) throw new KaizenError("INVALID_ARGUMENT", `More than ${maxBytes} bytes came on stdin.`);
    parts.push(part);
  }
  return Buffer.concat(parts).toString("utf8");
}

/** What comes on stdin. That it is open for writing alone, or cannot be read any further, is told in our words. */
export async function* readFromStdin(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  try {
    yield* chunks;
  } catch (error) {
    throw fileFailure("stdin", "read", error);
  }
}
