import * as z from "zod";
import { existingAgentNameSchema } from "../../../domain/run/agent-name.ts";
import { isJsonObject, parseJson } from "../../../domain/text/json.ts";
import { replaceFile } from "../files/atomic-file.ts";
import { type FileSystem, READ, readRange, removeFile, statusAt, statusOf, withFile } from "../files/file-system.ts";

/** No agent's name begins with a dot, so no agent's own lock has this name. */
export const MOVING_LOCK = ".moving";

const intentSchema = z.object({
  from: existingAgentNameSchema,
  /** Left out: what is kept of the agent is removed. */
  into: existingAgentNameSchema.optional(),
  /** How long each file of the other agent was, in bytes: what stands behind that came from here. */
  sizes: z.record(z.string(), z.int().min(0)),
});

/** What is to be moved or removed, as it is noted before anything is. */
export type Intent = z.infer<typeof intentSchema>;

export function writeIntent(fileSystem: FileSystem, path: string, intent: Intent): void {
  replaceFile(fileSystem, path, Buffer.from(`${JSON.stringify(intent)}\n`), { durable: true });
}

/** What was begun and not finished. A note that cannot be read was never whole, so that nothing was done after it. */
export function readIntent(fileSystem: FileSystem, path: string): Intent | undefined {
  if (statusAt(fileSystem, path) === undefined) return undefined;
  const text = withFile(fileSystem, path, READ, (fd) => readRange(fileSystem, fd, 0, statusOf(fileSystem, fd).size));
  const value = parseJson(text.toString());
  return isJsonObject(value) ? intentSchema.safeParse(value).data : undefined;
}

export function removeIntent(fileSystem: FileSystem, path: string): void {
  removeFile(fileSystem, path);
}
