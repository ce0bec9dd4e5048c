import * as z from "zod";
import { parseJson } from "../../domain/json.ts";
import { type RecommendationEvent, recommendationEventSchema } from "../../domain/recommendation.ts";
import type { RecommendationEntry } from "../store.ts";
import { encodeLine, withoutUndefined } from "./format/codec.ts";

const entrySchema = z.looseObject({
  timestamp: z.string(),
  agent: z.string(),
  metrics_count: z.int(),
  recommendations: z.array(z.record(z.string(), z.json())),
});

/** Entries or events as lines of their file. */
export function encodeAdvice(records: readonly object[]): Buffer {
  return Buffer.from(records.map((record) => encodeLine(withoutUndefined(record))).join(""));
}

/** Reads a line of the recommendations: `undefined` where it holds none, `blank` where it holds nothing at all. */
export function decodeEntry(line: Buffer | string): RecommendationEntry | "blank" | undefined {
  return decodeLineOf(entrySchema, line) as RecommendationEntry | "blank" | undefined;
}

/** The same of what became of recommendations. */
export function decodeEvent(line: Buffer | string): RecommendationEvent | "blank" | undefined {
  return decodeLineOf(recommendationEventSchema, line);
}

function decodeLineOf<S extends z.ZodType>(schema: S, line: Buffer | string): z.output<S> | "blank" | undefined {
  const text = line.toString();
  if (text.trim() === "") return "blank";
  return schema.safeParse(parseJson(text)).data;
}
