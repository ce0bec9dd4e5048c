import { crc32 } from "node:zlib";
import * as z from "zod";
import { parseJson } from "../../../domain/text/json.ts";
import { KaizenError } from "../../../errors.ts";
import { statusOf } from "../files/file-system.ts";
import { readLineAt } from "../journal/lines.ts";
import type { Place, Snapshot } from "./scan.ts";

const cursorSchema = z.tuple([z.string(), z.int().min(0), z.int().min(0), z.int()]);

/**
 * A cursor names the last run of a page by its place in the log, and the log: by the file, and by the checksum of the
 * line, for another file may get the number of one that is gone. It is opaque to the client that passes it on.
 */
export function encodeCursor(snapshot: Snapshot, place: Place): string {
  const cursor = [statusOf(snapshot.fileSystem, snapshot.fd).identity, place.start, place.number];
  return Buffer.from(JSON.stringify([...cursor, checksumOfLine(snapshot, place.start)])).toString("base64url");
}

/** Fails with `INVALID_ARGUMENT` for a cursor that is not ours, or whose log has been rewritten since. */
export function decodeCursor(snapshot: Snapshot, cursor: string | undefined): Place | undefined {
  if (cursor === undefined) return undefined;
  const hint = "Ask again without a cursor, from the newest run on.";
  const parsed = cursorSchema.safeParse(parseJson(Buffer.from(cursor, "base64url").toString("utf8")));
  if (!parsed.success)
    throw new KaizenError("INVALID_ARGUMENT", "cursor is not one that an earlier page gave.", { hint });
  const [log, start, number, checksum] = parsed.data;
  const isOfThisFile = log === statusOf(snapshot.fileSystem, snapshot.fd).identity;
  if (!isOfThisFile || checksum !== checksumOfLine(snapshot, start)) {
    throw new KaizenError("INVALID_ARGUMENT", "cursor is out of date: the log was rewritten since that page.", {
      hint,
    });
  }
  return { start, number };
}

function checksumOfLine({ fileSystem, fd }: Snapshot, start: number): number {
  return crc32(readLineAt(fileSystem, fd, start));
}
