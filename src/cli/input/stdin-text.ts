import { KaizenError } from "../../errors.ts";

/** Everything that comes, as UTF-8. Fails with `INVALID_ARGUMENT` if that is more bytes than are wanted. */
export async function textFrom(chunks: AsyncIterable<Buffer>, maxBytes: number): Promise<string> {
  const parts: Buffer[] = [];
  let length = 0;
  for await (const part of chunks) {
    length += part.length;
    if (length > maxBytes) throw new KaizenError("INVALID_ARGUMENT", `More than ${maxBytes} bytes came on stdin.`);
    parts.push(part);
  }
  return Buffer.concat(parts).toString("utf8");
}
