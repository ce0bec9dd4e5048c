import { parseJson } from "../../../domain/json.ts";
import { type Sighting, sightingSchema } from "../../../domain/sighting.ts";
import { encodeLine, withoutUndefined } from "../format/codec.ts";

/** One sighting as a line of its file, with its newline. */
export function encodeSighting(sighting: Sighting): Buffer {
  return Buffer.from(encodeLine(withoutUndefined(sighting)));
}

/** What is wrong with another line of that file. */
export const NO_SIGHTING = "it is not a sighting";

/** Reads a line of the file of sightings: `undefined` where it holds none, `blank` where it holds nothing at all. */
export function decodeSighting(bytes: Buffer): Sighting | "blank" | undefined {
  const text = bytes.toString("utf8");
  if (text.trim() === "") return "blank";
  return sightingSchema.safeParse(parseJson(text)).data;
}
