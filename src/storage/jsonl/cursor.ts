import * as z from "zod";
import { parseJson } from "../../domain/json.ts";
import { KaizenError } from "../../errors.ts";
import type { FileIdentity } from "./files/file-system.ts";
import type { Place } from "./log/scan.ts";

const cursorSchema = z.tuple([z.string(), z.int().min(0), z.int().min(0)]);

/** A cursor names the last run of a page by its place in the log, and the log. It is opaque to whoever passes it on. */
export function encodeCursor(place: Place, log: FileIdentity): string {
  return Buffer.from(JSON.stringify([log, place.start, place.number])).toString("base64url");
}

/** Fails with `INVALID_ARGUMENT` for a cursor that is not ours, or whose log has been rewritten since. */
export function decodeCursor(cursor: string | undefined, log: FileIdentity): Place | undefined {
  if (cursor === undefined) return undefined;
  const hint = "Ask again without a cursor, from the newest run on.";
  const parsed = cursorSchema.safeParse(parseJson(Buffer.from(cursor, "base64url").toString("utf8")));
  if (!parsed.success)
    throw new KaizenError("INVALID_ARGUMENT", "cursor is not one that an earlier page gave.", { hint });
  const [cursorLog, start, number] = parsed.data;
  if (cursorLog !== log) {
    throw new KaizenError("INVALID_ARGUMENT", "cursor is out of date: the log was rewritten since that page.", {
      hint,
    });
  }
  return { start, number };
}
