import { nearestName } from "../../../domain/text/nearest-name.ts";
import { KaizenError } from "../../../errors.ts";
import { defineCommand } from "../../frame/define-command.ts";
import { usageError } from "../../frame/parse-arguments.ts";
import { endInTime, LIMIT_MS } from "../../hooks/limits/deadline.ts";
import { noteReading } from "../../hooks/limits/watchdog.ts";
import { MAX_PAYLOAD_BYTES, readPayload } from "../../hooks/payload/payload.ts";
import { commandIn } from "../../hooks/payload/prompt-command.ts";
import { type HookRun, hookRun } from "../../hooks/project/hook-run.ts";
import { sayOneLine } from "../../hooks/texts/one-line.ts";

/** What clients wait for. Nearly all that they need is the same: it is loaded together, once there is something to do. */
type Events = typeof import("../../hooks/events.ts");
const events = () => import("../../hooks/events.ts");

/** Hooks may be installed for a user, and then run in every folder: if there is nothing to do, little is loaded. */
const wherePartIsTaken = (handle: (events: Events, run: HookRun) => Promise<void>) => async (run: HookRun) => {
  if (await run.takesPart()) await handle(await events(), run);
};

/** What is done for each. */
const handlers = new Map<string, (run: HookRun) => Promise<void>>([
  ["subagent-start", wherePartIsTaken(({ subagentStart }, run) => subagentStart(run))],
  ["subagent-stop", wherePartIsTaken(({ subagentStop }, run) => subagentStop(run))],
  ["session-start", wherePartIsTaken(({ sessionStart }, run) => sessionStart(run))],
  ["subagent-after", async (run) => (await import("../../hooks/subagent-after.ts")).subagentAfter(run)],
  ["stop", wherePartIsTaken(({ stop }, run) => stop(run))],
  [
    "user-prompt",
    async (run) => {
      if (commandIn(run.payload) !== undefined) await (await events()).userPrompt(run);
    },
  ],
]);

export const hook = defineCommand({
  name: "hook",
  group: "connect",
  summary: "Internal: called by the client when a subagent or a session begins or ends",
  details: [
    `A client runs this, with a payload as JSON on stdin; init writes it into the client's configuration. The payload shows
which client it is, and the answer has that client's form.`,
    `subagent-start gives a subagent its brief and says how its run is reported. subagent-stop notes that the run has
ended, and records it only where an error of the API has cut it off: how any other went is for the agent
to say. It also keeps what the transcript and git show of the run; what takes long goes on as subagent-after, which
nothing waits for. stop keeps what the main conversation's tests say of the runs before it. session-start tells the
main conversation of the project's agents, and has CI asked if that is switched on. user-prompt notes what a person says
of the newest undecided run with /kaizen-metrics:good or /kaizen-metrics:bad, and keeps that from the model.`,
    `It is over within a few tenths of a second, and is given up after ${LIMIT_MS / 1000} seconds. It never fails, and
keeps nothing of a project that has no .kaizen folder, unless the project's own configuration starts
kaizen-metrics, or --root or KAIZEN_PROJECT_ROOT names the project.`,
  ],
  flags: {
    limit: { type: "string", value: "MS", description: `Give up so many milliseconds after the start (${LIMIT_MS})` },
  },
  positionals: { event: { required: true, choices: [...handlers.keys()], description: "What has happened" } },
  examples: [["kaizen-metrics hook subagent-start < payload.json", "Try what a client would get"]],
  speaksProtocol: true,
  alwaysExitZero: true,
  onRead: noteReading,
  async run({ flags, positionals: { event } }, context) {
    sayOneLine(context.log);
    const limitMs = limitOf(flags.limit, event);
    endInTime(`hook ${event.slice(0, 40)}`, limitMs, context.log);
    const handle = handlers.get(event);
    if (handle === undefined) throw unknownEvent(event);
    const payload = readPayload(await context.readStdin(MAX_PAYLOAD_BYTES), context.environment);
    const run = hookRun(payload, context, limitMs);
    if (!(await isLeftToOther(event, run))) await handle(run);
    return { value: undefined, text: () => "" };
  },
});

/** What reads the clients' files is loaded only where another of them may have the same hook. */
async function isLeftToOther(event: string, run: HookRun): Promise<boolean> {
  if (!run.isOfPlugin && run.payload.client !== "copilot") return false;
  const { isLeftToOther: isLeft } = await import("../../hooks/project/same-hook-elsewhere.ts");
  return isLeft(event, run);
}

/** No client waits for what a hook has left for later: a check may take its time. */
const LATER_LIMIT_MS = 2 * 86_400_000;

function limitOf(text: string | undefined, event: string): number {
  if (text === undefined) return event === "subagent-after" ? LATER_LIMIT_MS : LIMIT_MS;
  if (/^[1-9]\d{0,5}$/.test(text)) return Number(text);
  throw usageError(`--limit is ${JSON.stringify(text.slice(0, 80))}; send milliseconds, e.g. 2000.`, { name: "hook" });
}

function unknownEvent(event: string): KaizenError {
  const nearest = nearestName(event, [...handlers.keys()]);
  const meant = nearest === undefined ? "." : `; did you mean ${nearest}?`;
  return new KaizenError("INVALID_ARGUMENT", `${JSON.stringify(event.slice(0, 80))} is no event of a hook${meant}`, {
    hint: "See kaizen-metrics hook --help.",
  });
}
