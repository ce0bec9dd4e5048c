import * as z from "zod";
import {
  type AdviceEntry,
  type RecommendationEvent,
  recommendationEventSchema,
} from "../domain/coaching/recommendation.ts";
import { isJsonObject, type JsonObject } from "../domain/text/json.ts";
import { encodeLine } from "./run-line.ts";
import { decodeSideLine } from "./side-line.ts";

const entrySchema = z.looseObject({
  timestamp: z.string(),
  agent: z.string(),
  // Null if its writer gave no number that can be counted on: the advice is worth reading all the same.
  metrics_count: z.int().nullable().catch(null),
  // Looking into each value would cost several times what reading the JSON does, and finds nothing that JSON cannot say.
  recommendations: z.array(z.custom<JsonObject>(isJsonObject)),
});

/** Entries or events as lines of their file: those of another store as their writers wrote them. */
export function encodeAdvice(records: readonly object[], texts: ReadonlyMap<object, string>): Buffer {
  return Buffer.from(records.map((record) => lineOf(record, texts.get(record))).join(""));
}

function lineOf(record: object, text: string | undefined): string {
  if (text?.includes("\n")) throw new Error("the text of advice stands on one line");
  return text === undefined ? encodeLine(record) : `${text}\n`;
}

/** Reads a line of the recommendations: `undefined` if it holds none, `blank` if it holds nothing at all. */
export function decodeEntry(line: Buffer | string): AdviceEntry | "blank" | undefined {
  return decodeSideLine(entrySchema, line);
}

/** Reads a line of what became of recommendations: `undefined` if it holds none, `blank` if it holds nothing at all. */
export function decodeEvent(line: Buffer | string): RecommendationEvent | "blank" | undefined {
  return decodeSideLine(recommendationEventSchema, line);
}
