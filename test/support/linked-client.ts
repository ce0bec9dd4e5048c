import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { InMemoryTransport } from "@modelcontextprotocol/sdk/inMemory.js";
import type { CallToolResult } from "@modelcontextprotocol/sdk/types.js";
import { onTestFinished } from "vitest";
import { Kaizen } from "../../src/kaizen/kaizen.ts";
import { createLog } from "../../src/log.ts";
import { createServer } from "../../src/mcp/server.ts";
import type { Store } from "../../src/storage/store.ts";
import { createMemoryStore } from "../oracle/memory.ts";

export const NOW = Date.parse("2026-11-22T10:00:00Z");

export interface LinkedClient {
  readonly client: Client;
  readonly kaizen: Kaizen;
  readonly store: Store;
  /** What the server has said on stderr. */
  readonly logged: string[];
  call(name: string, args?: Record<string, unknown>): Promise<CallToolResult>;
  /** The structured half of a call that has to succeed. */
  value(name: string, args?: Record<string, unknown>): Promise<Record<string, unknown>>;
}

export interface LinkedOptions {
  readonly openKaizen?: () => Promise<Kaizen>;
  readonly pollIntervalMs?: number;
  /** The client's word that it shows apps, and the page that the server has for it. */
  readonly app?: { readonly isShown: boolean; readonly page: string };
}

const appExtension = { "io.modelcontextprotocol/ui": { mimeTypes: ["text/html;profile=mcp-app"] } };

/** A real client and the real server over linked transports: the clock stands still, ids count up, nothing is on disk. */
export async function linkedClient(options: LinkedOptions = {}): Promise<LinkedClient> {
  const store = createMemoryStore({ now: () => NOW, retentionDays: 180 });
  const kaizen = memoryKaizen(store);
  const logged: string[] = [];
  const { app } = options;
  const { server } = createServer({
    version: "0.0.0-test",
    log: createLog((text) => logged.push(text)),
    openKaizen: options.openKaizen ?? (async () => kaizen),
    ...(app === undefined ? {} : { app: { page: async () => app.page, project: () => "acme" } }),
    ...(options.pollIntervalMs === undefined ? {} : { pollIntervalMs: options.pollIntervalMs }),
  });
  const client = new Client(
    { name: "test", version: "1" },
    { capabilities: app?.isShown ? { extensions: appExtension } : {} },
  );
  const [clientSide, serverSide] = InMemoryTransport.createLinkedPair();
  await Promise.all([server.connect(serverSide), client.connect(clientSide)]);
  onTestFinished(() => client.close());
  const call = async (name: string, args: Record<string, unknown> = {}) =>
    (await client.callTool({ name, arguments: args })) as CallToolResult;
  return {
    client,
    kaizen,
    store,
    logged,
    call,
    async value(name, args) {
      const { isError, structuredContent, content } = await call(name, args);
      if (isError === true || structuredContent === undefined) throw new Error(JSON.stringify(content));
      return structuredContent;
    },
  };
}

export function memoryKaizen(store: Store = createMemoryStore({ now: () => NOW, retentionDays: 180 })): Kaizen {
  let ids = 0;
  return new Kaizen({
    store,
    now: () => NOW,
    randomHex: () => (++ids).toString(16).padStart(32, "0").slice(-20).padEnd(32, "0"),
    retentionDays: 180,
  });
}

/** The text of a result that has only text. */
export function textOf(result: CallToolResult): string {
  return result.content.map((part) => (part.type === "text" ? part.text : `(${part.type})`)).join("\n");
}
