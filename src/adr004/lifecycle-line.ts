import { type LifecycleEvent, lifecycleEventSchema } from "../domain/coverage/lifecycle-event.ts";
import { encodeLine } from "./run-line.ts";
import { decodeSideLine } from "./side-line.ts";

/** One lifecycle event as a line of its file, with its newline. */
export function encodeLifecycleEvent(event: LifecycleEvent): Buffer {
  return Buffer.from(encodeLine(event));
}

/** What is wrong with another line of that file. */
export const NO_LIFECYCLE_EVENT = "it is not a lifecycle event";

/** Reads a line of the file of lifecycle events: `undefined` if it holds none, `blank` if it holds nothing at all. */
export function decodeLifecycleEvent(bytes: Buffer): LifecycleEvent | "blank" | undefined {
  return decodeSideLine(lifecycleEventSchema, bytes);
}
