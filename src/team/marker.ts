import { closeSync, constants, fstatSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import * as z from "zod";
import { errorCodeOf, KaizenError } from "../errors.ts";

/** Where a project says, for everybody who works on it, that its history is in a team's store. */
export const MARKER = ".kaizen/store.json";

const MAX_BYTES = 4096;

/** Neither a host nor a secret: what a clone brings decides nothing alone. Members of later versions stay. */
const markerSchema = z.looseObject({ store: z.literal("postgres"), project: z.string().min(1).max(512) });

export type Marker = Readonly<z.infer<typeof markerSchema>>;

/**
 * Reads the marker; `undefined` if there is none. One that cannot be read, or says what this version does not know, fails
 * with `NO_STORE`: runs that went into files in silence would split the history.
 */
export function readMarker(projectRoot: string): Marker | undefined {
  const text = textOf(join(projectRoot, ...MARKER.split("/")));
  return text === undefined ? undefined : parsed(text);
}

export function markerText(project: string): string {
  return `${JSON.stringify({ store: "postgres", project })}\n`;
}

function textOf(path: string): string | undefined {
  let fd: number;
  try {
    // A link is refused, and a FIFO is not waited for; Windows has neither flag.
    fd = openSync(path, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0));
  } catch (error) {
    const code = errorCodeOf(error);
    if (code === "ENOENT" || code === "ENOTDIR") return undefined;
    throw unusable(code === "ELOOP" ? "it is a link" : `it cannot be read (${code ?? "no reason given"})`);
  }
  try {
    const stats = fstatSync(fd);
    if (!stats.isFile()) throw unusable("it is no plain file");
    if (stats.size > MAX_BYTES) throw unusable(`it has more than ${MAX_BYTES} bytes`);
    return readFileSync(fd, "utf8");
  } finally {
    closeSync(fd);
  }
}

function parsed(text: string): Marker {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw unusable("it is not JSON");
  }
  const marker = markerSchema.safeParse(value);
  if (marker.success) return marker.data;
  throw unusable('it is not of the form {"store":"postgres","project":"acme/api"}');
}

function unusable(why: string): KaizenError {
  return new KaizenError("NO_STORE", `${MARKER} says that the history is elsewhere, and not where: ${why}.`, {
    hint: "Repair it, or remove it if this project's runs are to be kept in its folder.",
  });
}
