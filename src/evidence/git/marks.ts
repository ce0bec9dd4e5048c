import { createHmac } from "node:crypto";

/** The first 12 hexadecimal digits of an HMAC-SHA256. Text is bytes, each as one character. */
export function markOf(secret: Buffer, text: string): string {
  return createHmac("sha256", secret).update(text, "latin1").digest("hex").slice(0, 12);
}

/** A mark of a file's path and content. `blob` is git's id of the content. */
export function blobMark(secret: Buffer, path: string, blob: string): string {
  return markOf(secret, `${path}\0${blob}`);
}
