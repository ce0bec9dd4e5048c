import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { REVIEWER } from "../support/runs.ts";
import { temporaryProject, writeHistory } from "./history.ts";
import { inMs, measureInTurns, times } from "./measure.ts";
import type { Row } from "./table.ts";

const program = fileURLToPath(new URL("../../dist/main.js", import.meta.url));
const RUNS = 12;

/** What a client waits for at every subagent, and the least that the program does, against a process that does nothing. */
export async function benchStartUp(): Promise<Row[]> {
  if (!existsSync(program)) return [{ what: "start of a hook", figure: "not built", against: "", ratio: "" }];
  const project = temporaryProject();
  const home = temporaryProject();
  writeHistory(project.root, RUNS, 10);
  // Nothing else of this machine: a variable such as NODE_EXTRA_CA_CERTS makes every start longer.
  const env = { PATH: process.env.PATH ?? "", HOME: home.root, LOCALAPPDATA: home.root };
  const run = (args: readonly string[], input = "") => {
    const { status } = spawnSync(process.execPath, [...args], { cwd: project.root, env, input });
    if (status !== 0) throw new Error(`${args.join(" ")} ended with ${status}`);
  };
  let started = 0;
  const payload = () => {
    started += 1;
    return JSON.stringify({ hook_event_name: "SubagentStart", agent_id: `bench-${started}`, agent_type: REVIEWER });
  };
  const { hook, nothing, version } = await measureInTurns(
    {
      nothing: () => run(["-e", "0"]),
      version: () => run([program, "--version"]),
      hook: () => run([program, "hook", "subagent-start"], payload()),
    },
    // The first round makes the index, and Node's cache where there is one.
    { count: 25, warmUp: 2 },
  );
  project.remove();
  home.remove();
  const against = `\`node -e 0\`: ${inMs(nothing.medianMs)}`;
  const row = (what: string, ms: number, reach: string): Row => ({
    what: `${what}, from start to end`,
    figure: inMs(ms),
    against: `${against}; reach: ${reach}`,
    ratio: times(ms / nothing.medianMs),
  });
  return [
    row(`hook \`subagent-start\` with ${RUNS} runs`, hook.medianMs, "1.8 x, with a compile cache 1.5 x"),
    row("`--version`", version.medianMs, "1.4 x"),
  ];
}
