import type { ReadResourceResult, Tool } from "@modelcontextprotocol/sdk/types.js";
import { isJsonObject } from "../../domain/text/json.ts";
import type { Kaizen } from "../../kaizen/kaizen.ts";
import { invalidParams } from "../frame/errors.ts";

// The dashboard inside a client: MCP Apps (SEP-1865, specification 2026-01-26). A client that has not asked for it gets the
// same bytes as ever. Stands in for @modelcontextprotocol/ext-apps, whose server half registers tools only with an SDK's
// own McpServer, and brings a second copy of that SDK.

const EXTENSION = "io.modelcontextprotocol/ui";
const MIME_TYPE = "text/html;profile=mcp-app";

/** The page itself; what it shows is read from the addresses below. */
const appUri = "ui://kaizen-metrics/dashboard";
const overviewUri = "kaizen://dashboard";
const agentUri = /^kaizen:\/\/dashboard\/([^/?#]+)$/;

/** The tools whose results a person wants to look at. Agents call the others all day: a frame for each would fill the chat. */
const linkedTools: readonly string[] = ["list_agents", "get_summary"];

/** What the app needs: the page as one HTML document, and the name of the project. */
export interface App {
  page(): Promise<string>;
  readonly project: () => string;
}

/** Whether a client shows apps, by what it says that it can do. */
export function showsApps(capabilities: { readonly extensions?: unknown } | undefined): boolean {
  const extensions = capabilities?.extensions;
  const extension = isJsonObject(extensions) ? extensions[EXTENSION] : undefined;
  const types = isJsonObject(extension) ? extension.mimeTypes : undefined;
  return Array.isArray(types) && types.includes(MIME_TYPE);
}

/** A tool as a client that shows apps sees it. */
export function linkedToApp(tool: Tool): Tool {
  return linkedTools.includes(tool.name) ? { ...tool, _meta: { ...tool._meta, ui: { resourceUri: appUri } } } : tool;
}

/** What stands at an address of the app; `undefined` if the address is none of its own. */
export async function readApp(
  app: App,
  kaizen: () => Promise<Kaizen>,
  uri: string,
): Promise<ReadResourceResult | undefined> {
  // No domain is declared: the page has its script and style with it, and asks no network for anything.
  if (uri === appUri) return { contents: [{ uri, mimeType: MIME_TYPE, text: await app.page() }] };
  const agent = agentUri.exec(uri)?.[1];
  if (uri !== overviewUri && agent === undefined) return undefined;
  const { dashboard } = await kaizen();
  const model =
    agent === undefined
      ? await dashboard.overview(app.project())
      : await dashboard.agent(decodedName(agent, uri), app.project());
  return { contents: [{ uri, mimeType: "application/json", text: JSON.stringify(model) }] };
}

function decodedName(component: string, uri: string): string {
  try {
    return decodeURIComponent(component);
  } catch {
    throw invalidParams(`There is no resource ${JSON.stringify(uri.slice(0, 200))}.`);
  }
}
