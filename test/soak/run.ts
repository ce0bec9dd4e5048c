import { parseArgs } from "node:util";
import type { Control } from "./controls.ts";
import { serverSoak } from "./server/run.ts";
import { soak } from "./soak.ts";
import { teamSoak } from "./team/team-soak.ts";

/**
 * `npm run soak -- --seconds 60 --seed 1 --control no-lock`; with `--team` two machines on a team's store; with
 * `--server failover` or `--server cuts` what may happen to its server.
 */
const { values } = parseArgs({
  options: {
    seconds: { type: "string", default: "60" },
    seed: { type: "string", default: String(Math.floor(Math.random() * 2 ** 31)) },
    control: { type: "string", default: "none" },
    team: { type: "boolean", default: false },
    server: { type: "string" },
  },
});
const seed = Number(values.seed);
const longest = Number(values.seconds);
const isEnough = ({ seconds }: { seconds: number }) => seconds >= longest;
const { counts, problems } = await (values.server !== undefined
  ? ofServer(values.server)
  : values.team
    ? ofTeam()
    : ofFolder());
for (const [what, count] of Object.entries(counts)) {
  process.stdout.write(`${what.padEnd(30)}${String(count).padStart(10)}\n`);
}
process.stdout.write(`${"problems".padEnd(30)}${String(problems.length).padStart(10)}\n`);
for (const problem of problems.slice(-20)) process.stdout.write(`  ${problem}\n`);
process.exitCode = problems.length === 0 ? 0 : 1;

function ofFolder() {
  const control = values.control as Control;
  process.stdout.write(`soak: ${longest} s, seed ${seed}, control ${control}\n`);
  return soak({ seed, control, isEnough, kills: true, keepEvidence: true });
}

function ofTeam() {
  process.stdout.write(`soak: ${longest} s on a team's store\n`);
  // Every third time calls fail: they go on for ten seconds by themselves.
  return teamSoak({ isEnough, runsAPlug: 400, outMs: (nth) => (nth % 3 === 0 ? 15_000 : 0) });
}

function ofServer(name: string) {
  process.stdout.write(`soak of a team's store: ${name}, seed ${seed}\n`);
  const verdict = serverSoak(name, seed);
  if (verdict === undefined) throw new Error("--server is none of failover and cuts");
  return verdict;
}
