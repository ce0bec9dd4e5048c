import { defineCommand } from "../../frame/define-command.ts";
import { endInTime } from "../../hooks/limits/deadline.ts";
import { noteReading } from "../../hooks/limits/watchdog.ts";
import { MAX_PAYLOAD_BYTES } from "../../hooks/payload/payload.ts";
import { folderIn } from "../../hooks/payload/status-input.ts";
import { enterFolder } from "../../hooks/project/hook-run.ts";
import { hasStore } from "../../hooks/project/project-takes-part.ts";
import { sayOneLine } from "../../hooks/texts/one-line.ts";

/** A line that comes later is of no use: the client asks again with the next message. */
const LIMIT_MS = 2_000;

export const statusline = defineCommand({
  name: "statusline",
  group: "connect",
  summary: "One line for the status line of Claude Code",
  details: [
    `Claude Code runs this, with a document as JSON on stdin, and shows the line below its prompt: the agents that
decline, how many runs of the last 7 days are undecided, and how the last run went. Put it there with
kaizen-metrics init --client claude-code --statusline.`,
    "Without a store, and whatever goes wrong, nothing is printed. It creates nothing.",
  ],
  flags: {},
  positionals: {},
  examples: [["echo '{}' | kaizen-metrics statusline", "What the client would show"]],
  speaksProtocol: true,
  alwaysExitZero: true,
  onRead: noteReading,
  async run(_, context) {
    sayOneLine(context.log);
    endInTime("statusline", LIMIT_MS, context.log);
    if (!context.stdin.isTerminal) enterFolder(folderIn(await context.readStdin(MAX_PAYLOAD_BYTES)));
    if (!hasStore(await context.project(), context.machine)) return { value: undefined, text: () => "" };
    const { statusOf } = await import("../../hooks/events.ts");
    const line = await statusOf(await context.kaizen(), context.now());
    return { value: undefined, text: () => (line === undefined ? "" : `${line}\n`) };
  },
});
