import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
import type { CallToolResult } from "@modelcontextprotocol/sdk/types.js";

/** What a client can do with the server, as far as the demo does it. */
export interface Session {
  /** The structured half of a call that has to succeed. */
  call(tool: string, args?: object): Promise<Record<string, unknown>>;
  /** The text of a call that has to succeed. */
  text(tool: string, args?: object): Promise<string>;
  /** The text of a call that has to be refused. */
  refusal(tool: string, args: object): Promise<string>;
  close(): Promise<void>;
}

/** Starts the server on a project, as any client does: one command, JSON-RPC on its stdin and stdout. */
export async function startSession(server: string, projectRoot: string): Promise<Session> {
  const args = [server, "--root", projectRoot];
  // What the server says on stderr belongs to a client's log, and would stand between the steps.
  const env = Object.fromEntries(
    Object.entries(process.env).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
  const transport = new StdioClientTransport({ command: process.execPath, args, env, stderr: "ignore" });
  const client = new Client({ name: "kaizen-metrics-demo", version: "1.0.0" });
  await client.connect(transport);

  const answerOf = async (tool: string, args: object) => {
    const result = (await client.callTool({ name: tool, arguments: { ...args } })) as CallToolResult;
    const text = result.content.map((part) => (part.type === "text" ? part.text : `(${part.type})`)).join("\n");
    return { ...result, text };
  };
  const successOf = async (tool: string, args: object) => {
    const answer = await answerOf(tool, args);
    if (answer.isError === true) throw new Error(`${tool} failed: ${answer.text}`);
    return answer;
  };
  return {
    call: async (tool, args = {}) => (await successOf(tool, args)).structuredContent ?? {},
    text: async (tool, args = {}) => (await successOf(tool, args)).text,
    async refusal(tool, args) {
      const { isError, text } = await answerOf(tool, args);
      if (isError !== true) throw new Error(`${tool} was expected to refuse this, and answered: ${text}`);
      return text;
    },
    close: () => client.close(),
  };
}
