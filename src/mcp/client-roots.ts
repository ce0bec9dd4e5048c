import type { Server } from "@modelcontextprotocol/sdk/server/index.js";
import type { Log } from "../log.ts";

/** Calls wait for the answer; a client that gives none must not keep them longer. */
const ROOTS_TIMEOUT_MS = 3_000;

/** The folders that the client has open, as URIs; none where it cannot say or does not answer in time. */
export async function askClientRoots(server: Server, log: Log): Promise<readonly string[]> {
  if (server.getClientCapabilities()?.roots === undefined) return [];
  try {
    const { roots } = await server.listRoots(undefined, { timeout: ROOTS_TIMEOUT_MS });
    return roots.map((root) => root.uri);
  } catch (error) {
    log.info(`the client did not say which folders it has open: ${error instanceof Error ? error.message : error}`);
    return [];
  }
}
