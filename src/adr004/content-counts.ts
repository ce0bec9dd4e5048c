import { hash } from "node:crypto";
import { contentId } from "../domain/run/execution.ts";
import {
  comparableText,
  isComparedInPart,
  isDeeperThan,
  type JsonObject,
  type JsonValue,
} from "../domain/text/json.ts";
import { encodeJson } from "./json-style.ts";

/** Slots for a power of two of entries, three words each: the halves of the hash, and the count, which is 0 where it is free. */
const WORDS = 3;

/**
 * How many records of the same content there are: the same keys and values, whatever the order of keys and the spelling
 * of numbers, and whatever agent is named. For records without an identity of their own, which is all that can tell a
 * copy from another run. Contents are told apart by 64 bits of their SHA-256: a thousandth of a millionth is the chance
 * that among hundreds of thousands two are taken for one.
 */
export class ContentCounts {
  #slots = new Uint32Array(64 * WORDS);
  #size = 0;

  count([high, low]: ContentHash): number {
    return this.#slots[this.#find(high, low) + 2] ?? 0;
  }

  /** Adds one, and gives how many there were before. */
  add([high, low]: ContentHash): number {
    if (this.#size * 2 * WORDS >= this.#slots.length) this.#grow();
    const slot = this.#find(high, low);
    const before = this.#slots[slot + 2] ?? 0;
    if (before === 0) this.#size += 1;
    this.#slots.set([high, low, before + 1], slot);
    return before;
  }

  /** Where a hash stands, or the free slot that it would take. */
  #find(high: number, low: number): number {
    const slots = this.#slots;
    const mask = slots.length / WORDS - 1;
    for (let slot = low & mask; ; slot = (slot + 1) & mask) {
      const at = slot * WORDS;
      if (slots[at + 2] === 0 || (slots[at] === high && slots[at + 1] === low)) return at;
    }
  }

  #grow(): void {
    const before = this.#slots;
    this.#slots = new Uint32Array(before.length * 2);
    for (let at = 0; at < before.length; at += WORDS) {
      if (before[at + 2] === 0) continue;
      this.#slots.set(before.subarray(at, at + WORDS), this.#find(before[at] ?? 0, before[at + 1] ?? 0));
    }
  }
}

/** What a record says, in two unsigned 32-bit halves. Costs as much as writing the record. */
export type ContentHash = readonly [high: number, low: number];

export function contentHash({ agent: _, ...content }: JsonObject): ContentHash {
  const text = isComparedInPart(content) ? comparableText(content) : encodeJson(content);
  const digest = hash("sha256", text, "buffer");
  return [digest.readUInt32LE(0), digest.readUInt32LE(4)];
}

/** Of what is nested more deeply an id says nothing: a deep record could be read in one process, and not in the next. */
const MAX_LEVELS = 64;

/** The id of a run that we gave none: the same wherever its record is kept, and whatever agent it is moved to. */
export function contentIdOf({ agent: _, ...content }: JsonObject): string {
  const said = isDeeperThan(MAX_LEVELS, content) ? cut(content, MAX_LEVELS) : content;
  return contentId(hash("sha256", encodeJson(said), "hex"));
}

function cut(value: JsonValue, levels: number): JsonValue {
  if (typeof value !== "object" || value === null) return value;
  if (levels === 0) return "…";
  if (Array.isArray(value)) return value.map((item) => cut(item, levels - 1));
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, cut(item, levels - 1)]));
}
