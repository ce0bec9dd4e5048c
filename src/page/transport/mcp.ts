import type { AgentModel, OverviewModel } from "../../domain/dashboard/view-model.ts";
import { type Bridge, bridgeTo } from "./bridge.ts";
import { overviewOf, type ToolResult } from "./tool-result.ts";
import { PageProblem, type Transport } from "./transport.ts";

const uri = "kaizen://dashboard";
/** A client that sends no result of a tool is not waited for any longer. */
const LONGEST_WAIT_MS = 1_500;

interface HostContext {
  readonly theme?: string;
  readonly styles?: { readonly variables?: Readonly<Record<string, unknown>> };
}

interface Initialized {
  readonly hostContext?: HostContext;
  readonly hostCapabilities?: { readonly serverResources?: object };
}

/**
 * The page inside a client that shows MCP Apps. It is painted from the tool's result, which always comes, and then from
 * the resources of the server if the client passes them on. It sends the client nothing that agents wrote.
 */
export function mcpTransport(parent: Window, onAgent: (name: string) => void): Transport {
  let changed: (agents: readonly string[]) => void = () => {};
  let latest: OverviewModel | undefined;
  let isPainted = false;
  let heardFirst: () => void = () => {};
  const result = new Promise<void>((resolve) => {
    heardFirst = resolve;
    setTimeout(resolve, LONGEST_WAIT_MS);
  });
  const bridge = bridgeTo(parent, heard, ["ui/resource-teardown", "ping"]);
  const hasResources = start(bridge);

  async function heard(method: string, params: ToolResult & HostContext): Promise<void> {
    if (method === "ui/notifications/host-context-changed") wear(params);
    if (method !== "ui/notifications/tool-result") return;
    latest = overviewOf(params) ?? latest;
    heardFirst();
    if (isPainted) changed([]);
    const only = latest?.agents[0];
    if (params.structuredContent?.stats && only && (await hasResources)) onAgent(only.name);
  }

  async function read<T>(address: string): Promise<T> {
    const { contents } = await bridge
      .request<{ contents: { text: string }[] }>("resources/read", { uri: address })
      .catch((error: Error) => {
        throw new PageProblem("failed", error.message);
      });
    if (contents[0] === undefined) throw new PageProblem("missing");
    return JSON.parse(contents[0].text);
  }

  return {
    kind: "mcp",
    async overview() {
      const canRead = await hasResources;
      if (!isPainted) {
        await result;
        isPainted = true;
        if (latest !== undefined) {
          // What the result says is on the page at once; what the resource says follows.
          if (canRead) setTimeout(() => changed([]));
          return latest;
        }
      }
      if (canRead) return read<OverviewModel>(uri);
      if (latest === undefined) throw new PageProblem("missing");
      return latest;
    },
    async agent(name) {
      if (!(await hasResources)) throw new PageProblem("failed", "This client shows the overview only.");
      return read<AgentModel>(`${uri}/${encodeURIComponent(name)}`);
    },
    watch(onChange, onState) {
      changed = onChange;
      onState("copy");
    },
  };
}

/** Introduces the page, and says whether the client passes on the server's resources. */
async function start(bridge: Bridge): Promise<boolean> {
  const { hostCapabilities, hostContext } = await bridge.request<Initialized>("ui/initialize", {
    protocolVersion: "2026-01-26",
    appInfo: { name: "kaizen-metrics", version: "1" },
    appCapabilities: {},
  });
  wear(hostContext ?? {});
  bridge.notify("ui/notifications/initialized", {});
  new ResizeObserver(() => {
    const { offsetHeight: height, scrollWidth: width } = document.body;
    bridge.notify("ui/notifications/size-changed", { width, height });
  }).observe(document.body);
  return hostCapabilities?.serverResources !== undefined;
}

/** The client's theme and colours: names of variables and values, and nothing that could be more than that. */
function wear({ styles, theme }: HostContext): void {
  const { dataset, style } = document.documentElement;
  if (theme === "light" || theme === "dark") dataset.theme = theme;
  for (const [name, value] of Object.entries(styles?.variables ?? {}))
    if (/^--[\w-]+$/.test(name) && typeof value === "string" && !/url\s*\(/i.test(value))
      style.setProperty(name, value);
}
