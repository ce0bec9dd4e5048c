import { NEWER_NODE } from "../../support/pinned-packages.ts";
import type { Start, ToolClient } from "./client.ts";

/** The command line of the Inspector, in each of the eras that it knows. */
export const inspectors: readonly ToolClient[] = (["legacy", "modern"] as const).map((era) => {
  const start = ({ node, program }: Start, method: string) => [
    ...[node, program, "--cli", "--config", ".mcp.json", "--server", "kaizen-metrics"],
    ...["--protocol-era", era, "--method", method],
  ];
  return {
    name: `inspector-${era}`,
    title: `Inspector, ${era}`,
    packages: { "@modelcontextprotocol/inspector": "2.12.0", ...NEWER_NODE },
    program: "@modelcontextprotocol/inspector/clients/launcher/build/index.js",
    initAs: ["claude-code"],
    list: (of) => start(of, "tools/list"),
    call: (of, tool, args) => [
      ...start(of, "tools/call"),
      ...["--tool-name", tool],
      ...Object.entries(args).flatMap(([name, value]) => ["--tool-arg", `${name}=${value}`]),
    ],
  };
});
