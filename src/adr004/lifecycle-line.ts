import { type Sighting, sightingSchema } from "../domain/coverage/lifecycle-event.ts";
import { encodeLine } from "./run-line.ts";
import { decodeSideLine } from "./side-line.ts";

/** One sighting as a line of its file, with its newline. */
export function encodeSighting(sighting: Sighting): Buffer {
  return Buffer.from(encodeLine(sighting));
}

/** What is wrong with another line of that file. */
export const NO_SIGHTING = "it is not a sighting";

/** Reads a line of the file of sightings: `undefined` where it holds none, `blank` where it holds nothing at all. */
export function decodeSighting(bytes: Buffer): Sighting | "blank" | undefined {
  return decodeSideLine(sightingSchema, bytes);
}
