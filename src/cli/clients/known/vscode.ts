import type { Client } from "../client.ts";
import { jsonServer } from "../entries/json-server.ts";
import { copilotHooks, neededHooksOfCopilot } from "./copilot-hooks.ts";
import { entryInFolder } from "./workspace-folder.ts";

export const vscode: Client = {
  name: "vscode",
  title: "VS Code",
  signs: { project: [".vscode"], home: [".vscode", ".vscode-server"] },
  parts: (setup) => [
    {
      file: ".vscode/mcp.json",
      edits: [
        jsonServer(
          { key: "servers", form: ({ args, command }) => ({ type: "stdio", command, args: [...args] }) },
          entryInFolder(setup),
        ),
      ],
    },
    ...copilotHooks(setup),
  ],
  nextSteps: ({ withHooks }) => [
    'Run "MCP: List Servers" from the command palette, start "kaizen-metrics", and trust it when asked.',
    ...(withHooks
      ? [
          "Trust the folder: a subagent starts with its brief then, by hooks that your organisation may have switched off.",
        ]
      : []),
  ],
  firstTry: "Which agents have recorded runs in this project? #list_agents",
  neededHooks: neededHooksOfCopilot,
};
