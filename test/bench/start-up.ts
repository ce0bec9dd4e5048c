import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { REVIEWER } from "../support/runs.ts";
import { temporaryProject } from "./history.ts";
import { inMs, measureInTurns, times } from "./measure.ts";
import { start } from "./processes.ts";
import type { Row } from "./table.ts";

const program = fileURLToPath(new URL("../../dist/main.js", import.meta.url));
const RUNS = 12;

const clientInfo = { name: "bench", version: "1" };

/** What a client says first, by its era. */
const firstRequests = {
  initialize: { protocolVersion: "2025-06-18", capabilities: {}, clientInfo },
  "server/discover": {
    _meta: {
      "io.modelcontextprotocol/protocolVersion": "2026-07-28",
      "io.modelcontextprotocol/clientInfo": clientInfo,
      "io.modelcontextprotocol/clientCapabilities": {},
    },
  },
};

/** What clients wait for, and the least that the program does, against a process that does nothing. */
export async function benchStartUp(): Promise<Row[]> {
  if (!existsSync(program)) return [{ what: "start of the program", figure: "not built", against: "", ratio: "" }];
  const project = temporaryProject();
  const home = temporaryProject();
  // Nothing else of this machine: a variable such as NODE_EXTRA_CA_CERTS makes every start longer.
  const env = { PATH: process.env.PATH ?? "", HOME: home.root, LOCALAPPDATA: home.root };
  const run = (args: readonly string[], input = "") => {
    const { status } = spawnSync(process.execPath, [...args], { cwd: project.root, env, input });
    if (status !== 0) throw new Error(`${args.join(" ")} ended with ${status}`);
  };
  // Recorded by the program: so the store is this user's own, as it is for who works in a project.
  for (let made = 1; made <= RUNS; made += 1)
    run([program, "record", "--root", project.root, REVIEWER, made % 5 === 0 ? "--failure" : "--success"]);
  let started = 0;
  const payload = () => {
    started += 1;
    return JSON.stringify({ hook_event_name: "SubagentStart", agent_id: `bench-${started}`, agent_type: REVIEWER });
  };
  // The server goes on after its answer, and ends before the next that is measured begins.
  let serving: ReturnType<typeof start> | undefined;
  const ended = async () => {
    serving?.child.stdin?.end();
    await serving?.exit();
    serving = undefined;
  };
  const firstAnswer = async (method: keyof typeof firstRequests) => {
    serving = start([program, "--root", project.root], { cwd: project.root, env, stderr: "ignore" });
    serving.child.stdin?.write(`${JSON.stringify({ jsonrpc: "2.0", id: 1, method, params: firstRequests[method] })}\n`);
    const { error } = JSON.parse(await serving.line());
    if (error !== undefined) throw new Error(`${method}: ${error.message}`);
  };
  const { hook, legacy, modern, nothing, statusline, version } = await measureInTurns(
    {
      nothing: () => run(["-e", "0"]),
      version: () => run([program, "--version"]),
      statusline: () => run([program, "statusline"], "{}"),
      hook: () => run([program, "hook", "subagent-start"], payload()),
      legacy: () => firstAnswer("initialize"),
      modern: () => firstAnswer("server/discover"),
    },
    // The first round makes the index, and Node's cache where there is one.
    { count: 25, warmUp: 2, afterEach: ended },
  );
  project.remove();
  home.remove();
  const against = `\`node -e 0\`: ${inMs(nothing.medianMs)}`;
  const row = (what: string, ms: number, reach: string): Row => ({
    what,
    figure: inMs(ms),
    against: `${against}; reach: ${reach}`,
    ratio: times(ms / nothing.medianMs),
  });
  return [
    row(`hook \`subagent-start\` with ${RUNS} runs, to its end`, hook.medianMs, "1.8 x, with a compile cache 1.5 x"),
    row("`statusline`, to its end", statusline.medianMs, "150 ms"),
    row("`--version`, to its end", version.medianMs, "1.4 x"),
    row("the server, to its answer to `initialize`", legacy.medianMs, "2.2 x"),
    row("the server, to its answer to `server/discover`", modern.medianMs, "2.2 x"),
  ];
}
