import { defineCommand } from "../../frame/define-command.ts";

export const serve = defineCommand({
  name: "serve",
  group: "connect",
  summary: "Serve an MCP client on stdin and stdout",
  details: [
    "This is what clients start. It is also done without a command, unless a person has typed nothing else.",
    `--root stands before KAIZEN_PROJECT_ROOT, and that before CLAUDE_PROJECT_DIR. Without any of them: the client's
first usable root, then the nearest folder upwards from the working directory that holds .kaizen, then
the nearest that holds .git. --retention-days stands before KAIZEN_RETENTION_DAYS.`,
    `--store stands before KAIZEN_STORE. They say where a team's store is; KAIZEN_PROJECT, or the project's
.kaizen/store.json, says whose history is meant there.`,
    "Nothing is created before the first run is recorded.",
    "Exit status: 0 when the client has gone, 128 + n after signal n, 1 after a fault, 2 after a wrong flag or setting.",
  ],
  flags: {},
  usedWith: ["root", "retention-days", "store"],
  positionals: {},
  examples: [["kaizen-metrics serve --root /path/to/project", "What to write into a client's configuration"]],
  speaksProtocol: true,
  async run(_, context) {
    return { value: undefined, text: () => "", exitCode: await context.serve() };
  },
});
