import type { ToolClient } from "./client.ts";

/** Takes its servers from the files of other clients, and shows a tool as a line of TypeScript. */
export const mcporter: ToolClient = {
  name: "mcporter",
  title: "mcporter",
  packages: { mcporter: "0.12.3", node: "24.21.0" },
  program: "mcporter/dist/cli.js",
  initAs: ["codex"],
  list: ({ node, program }) => [node, program, "list", "kaizen-metrics", "--schema"],
  call: ({ node, program }, tool, args) => [
    ...[node, program, "call", `kaizen-metrics.${tool}`],
    ...Object.entries(args).map(([name, value]) => `${name}=${value}`),
  ],
};
