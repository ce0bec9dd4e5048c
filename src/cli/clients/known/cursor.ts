import { hookByPath } from "../by-path.ts";
import type { Client } from "../client.ts";
import { flatHooks } from "../entries/flat-hooks.ts";
import { jsonServer } from "../entries/json-server.ts";
import type { HookEvent } from "../entry/hooks.ts";
import { entryInFolder } from "./workspace-folder.ts";

/**
 * Cursor starts the hooks of a project in the project's folder (cursor.com/docs/hooks). What it runs as a subagent
 * begins may only forbid that, so that the brief is put into the task before it is given.
 */
const events = [
  { event: "sessionStart", name: "session-start" },
  { event: "preToolUse", name: "subagent-start", matcher: "Task" },
  { event: "subagentStop", name: "subagent-stop" },
] as const satisfies readonly HookEvent[];

export const cursor: Client = {
  name: "cursor",
  title: "Cursor",
  signs: { project: [".cursor", ".cursorrules"], home: [".cursor"] },
  parts: (setup) => [
    { file: ".cursor/mcp.json", edits: [jsonServer({ key: "mcpServers" }, entryInFolder(setup))] },
    ...(setup.withHooks
      ? [
          {
            file: ".cursor/hooks.json",
            edits: [
              flatHooks(events, events, (event) => {
                const { command, timeoutS } = hookByPath(setup, event);
                const { matcher }: HookEvent = event;
                return { ...(matcher === undefined ? {} : { matcher }), command, timeout: timeoutS };
              }),
            ],
          },
        ]
      : []),
  ],
  nextSteps: ({ withHooks }) => [
    'In Cursor\'s settings, under MCP, switch "kaizen-metrics" on; it turns green once it is connected.',
    ...(withHooks
      ? ["Under Hooks, the settings show ours: a task starts with its brief, and that it ran is noted."]
      : []),
  ],
  firstTry: "Which agents have recorded runs in this project? Use kaizen-metrics.",
  neededHooks: events.map(({ name }) => name),
};
