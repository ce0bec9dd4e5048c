import type { Client } from "../client.ts";
import { serverForClaude } from "./claude-code.ts";
import { copilotHooks, neededHooksOfCopilot } from "./copilot-hooks.ts";

/** GitHub Copilot CLI. It takes its servers from Claude Code's file, and its hooks from a file that VS Code reads too. */
export const copilot: Client = {
  name: "copilot",
  title: "GitHub Copilot",
  signs: {
    project: [
      ...[".github/hooks", ".github/agents", ".github/copilot", ".github/copilot-instructions.md", ".github/mcp.json"],
      ".github",
    ],
    home: [".copilot"],
  },
  parts: (setup) => [serverForClaude(setup), ...copilotHooks(setup)],
  nextSteps: ({ withHooks }) => [
    "Start Copilot CLI in the project's own folder, and trust the folder when it asks. /mcp shows the server.",
    ...(withHooks
      ? [
          "A subagent of .github/agents starts with its brief, and that it ran is noted; the built-in ones have no hooks.",
        ]
      : []),
  ],
  firstTry: "Which agents have recorded runs in this project?",
  neededHooks: neededHooksOfCopilot,
};
