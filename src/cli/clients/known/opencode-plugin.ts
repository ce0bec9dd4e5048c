/** What the plugin is made for. */
interface PluginValues {
  /** What starts this program, up to its own name; a relative path is from the project's folder. */
  readonly program: readonly string[];
  readonly flags: readonly string[];
  readonly timeoutS: number;
}

/**
 * A plugin for opencode, which imports every file of `.opencode/plugins` and takes each function that it exports for one
 * (read in the program of 1.18.33). An error in it would end the turn that it is called in, so that it throws none.
 */
export function opencodePlugin({ flags, program, timeoutS }: PluginValues): string {
  // As lists of JSON with room between the words; none of them is read as code.
  const list = (words: readonly string[]) => `[${words.map((word) => JSON.stringify(word)).join(", ")}]`;
  return `// Written by kaizen-metrics init; kaizen-metrics init --client opencode --remove takes it out.
// A subagent of opencode starts with its brief, and that it ran is noted.
import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

const PROGRAM = ${list(program)};
const FLAGS = ${list(flags)};
const LIMIT_MS = ${timeoutS * 1000};
const MOST_RUNS = 1000;
const PROJECT = fileURLToPath(new URL("../..", import.meta.url));

/** Runs one of our hooks, and gives what it prints; an empty text where it fails or takes too long. */
function runHook(name, payload) {
  return new Promise((resolve) => {
    let printed = "";
    const [command, ...words] = PROGRAM;
    const child = spawn(command, [...words, "hook", name, ...FLAGS], {
      cwd: PROJECT,
      stdio: ["pipe", "pipe", "ignore"],
      windowsHide: true,
    });
    const timer = setTimeout(() => child.kill(), LIMIT_MS);
    const end = (text) => {
      clearTimeout(timer);
      resolve(text);
    };
    child.on("error", () => end(""));
    child.on("close", () => end(printed));
    child.stdout.on("data", (chunk) => {
      if (printed.length < 100_000) printed += chunk;
    });
    child.stdin.on("error", () => {});
    child.stdin.end(JSON.stringify(payload));
  });
}

/** opencode goes on, whatever happens here. */
async function quietly(work) {
  try {
    return await work();
  } catch {
    return undefined;
  }
}

export const KaizenMetrics = async ({ client, directory }) => {
  /** The subagents' sessions; \`undefined\` for a session that no other one has begun. */
  const runs = new Map();

  async function runOf(id) {
    if (runs.has(id)) return runs.get(id);
    const { data } = await client.session.get({ path: { id } });
    const parent = data?.parentID;
    if (runs.size >= MOST_RUNS) runs.delete(runs.keys().next().value);
    runs.set(id, parent ? { session_id: parent, cwd: data.directory || directory } : undefined);
    return runs.get(id);
  }

  async function lastText(id) {
    const { data } = await client.session.messages({ path: { id } });
    const last = data?.findLast(({ info }) => info.role === "assistant");
    const texts = last?.parts.filter(({ type }) => type === "text").map(({ text }) => text);
    return texts?.join("\\n").slice(0, 100_000);
  }

  async function begin(id, agent) {
    const run = await runOf(id);
    if (run === undefined || run.payload !== undefined || !agent) return;
    const { session_id, cwd } = run;
    run.payload = { client: "opencode", session_id, agent_id: id, agent_type: agent, cwd };
    const printed = await runHook("subagent-start", { ...run.payload, hook_event_name: "SubagentStart" });
    run.brief = JSON.parse(printed || "{}").hookSpecificOutput?.additionalContext;
  }

  async function end(id, error) {
    const run = runs.get(id);
    if (run?.payload === undefined || run.isOver) return;
    run.isOver = true;
    const last_assistant_message = await quietly(() => lastText(id));
    // What a person has stopped has not failed.
    const hasFailed = error !== undefined && error.name !== "MessageAbortedError";
    const how = hasFailed
      ? { hook_event_name: "StopFailure", error: error.name, error_details: error.data?.message }
      : { hook_event_name: "SubagentStop", last_assistant_message };
    await runHook("subagent-stop", { ...run.payload, ...how });
  }

  return {
    "chat.message": (input, output) =>
      quietly(() => begin(input.sessionID, input.agent ?? output?.message?.agent)),
    "experimental.chat.system.transform": (input, output) =>
      quietly(async () => {
        const brief = runs.get(input.sessionID)?.brief;
        if (typeof brief === "string") output.system.push(brief);
      }),
    event: ({ event }) =>
      quietly(async () => {
        const { error, sessionID } = event.properties ?? {};
        if (event.type === "session.idle") await end(sessionID);
        if (event.type === "session.error") await end(sessionID, error ?? { name: "UnknownError" });
      }),
  };
};
`;
}
