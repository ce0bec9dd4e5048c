import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { join } from "node:path";
import { NEWER_NODE, PinnedPackages } from "../support/pinned-packages.ts";

const pinned = new PinnedPackages("apps", { "@modelcontextprotocol/inspector": "2.12.0", ...NEWER_NODE });

const { folder, node } = pinned;
const program = join(folder, "node_modules/@modelcontextprotocol/inspector/clients/launcher/build/index.js");

/** Puts the Inspector into a cache, once: nothing but this run needs it. */
export function installInspector(): string {
  return pinned.install(program);
}

/** The Inspector on loopback, with a home of its own. */
export interface Inspector {
  /** An address that connects it to a server and opens the app of a tool. */
  addressOf(serverUrl: string, tool: string, args: object): string;
  close(): Promise<void>;
}

export async function startInspector(home: string): Promise<Inspector> {
  const [client, sandbox, app] = await freePorts(3);
  const token = "a-token-of-this-run";
  const child = spawn(node, [program, "--web"], {
    cwd: home,
    stdio: ["ignore", "pipe", "pipe"],
    env: {
      PATH: process.env.PATH,
      HOME: home,
      MCP_STORAGE_DIR: home,
      MCP_AUTO_OPEN_ENABLED: "false",
      MCP_INSPECTOR_API_TOKEN: token,
      CLIENT_PORT: String(client),
      MCP_SANDBOX_PORT: String(sandbox),
      MCP_APP_ORIGIN_PORT: String(app),
    },
  });
  await hearing(child, `:${client}`);
  return {
    addressOf(serverUrl, tool, args) {
      const query = new URLSearchParams({
        MCP_INSPECTOR_API_TOKEN: token,
        serverUrl,
        transport: "http",
        autoConnect: token,
        openApp: tool,
        appArgs: Buffer.from(JSON.stringify(args)).toString("base64url"),
        autoOpen: token,
      });
      return `http://localhost:${client}/?${query}`;
    },
    async close() {
      child.kill();
      await once(child, "close");
    },
  };
}

/** Waits until a program says something; what it has said stands in the error if it ends before. */
function hearing(child: ChildProcess, words: string): Promise<void> {
  let said = "";
  return new Promise((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding("utf8").on("data", (text: string) => {
        said += text;
        if (said.includes(words)) resolve();
      });
    }
    child.on("error", reject).on("close", () => reject(new Error(`the Inspector ended: ${said}`)));
  });
}

/** The Inspector takes only ports that are named. */
async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer());
  const ports: number[] = [];
  for (const server of servers) {
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const address = server.address();
    if (address !== null && typeof address === "object") ports.push(address.port);
  }
  for (const server of servers) server.close();
  return ports;
}
