import { setImmediate } from "node:timers/promises";
import type { Server } from "@modelcontextprotocol/sdk/server/index.js";
import * as z from "zod";
import type { Log } from "../../log.ts";

/** Calls wait for the answer; a client that gives none must not keep them longer. */
const ROOTS_TIMEOUT_MS = 3_000;

/** Of so many roots it is told what is wrong with them; more say the same. */
const TOLD_ROOTS = 5;

/**
 * What is read of the answer. The SDK's own schema wants `file://` before each root, and would refuse the whole list for
 * the sake of one; what a root is worth is decided by the rules that find the project.
 */
const rootsAnswerSchema = z.looseObject({ roots: z.array(z.unknown()).catch([]) });
const rootSchema = z.union([z.string(), z.object({ uri: z.string() }).transform(({ uri }) => uri)]);

/** The folders that the client has open, as URIs; none if it cannot say or does not answer in time. */
export async function askClientRoots(server: Server, log: Log): Promise<readonly string[]> {
  // A client need not wait for the answer to `initialize`: what it says there, and the answer, go before this question.
  await setImmediate();
  if (server.getClientCapabilities()?.roots === undefined) return [];
  try {
    const question = { method: "roots/list" } as const;
    const { roots } = await server.request(question, rootsAnswerSchema, { timeout: ROOTS_TIMEOUT_MS });
    const read = roots.map((root) => ({ root, uri: rootSchema.safeParse(root).data }));
    const unnamed = read.filter(({ uri }) => uri === undefined);
    for (const { root } of unnamed.slice(0, TOLD_ROOTS)) {
      log.info(`a root of the client has no uri: ${JSON.stringify(root)?.slice(0, 200)}`);
    }
    if (unnamed.length > TOLD_ROOTS) log.info(`no uri either: ${unnamed.length - TOLD_ROOTS} more of its roots`);
    return read.flatMap(({ uri }) => uri ?? []);
  } catch (error) {
    log.info(`the client did not say which folders it has open: ${error instanceof Error ? error.message : error}`);
    return [];
  }
}
