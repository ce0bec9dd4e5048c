import { parseArgs } from "node:util";
import type { Control } from "./controls.ts";
import { soak } from "./soak.ts";
import { teamSoak } from "./team/team-soak.ts";

/** `npm run soak -- --seconds 60 --seed 1 --control no-lock`; with `--team` two machines on a team's store. */
/** Every third time calls fail: they go on for ten seconds by themselves. */
const longerThanACall = (nth: number) => (nth % 3 === 0 ? 15_000 : 0);
const { values } = parseArgs({
  options: {
    seconds: { type: "string", default: "60" },
    seed: { type: "string", default: String(Math.floor(Math.random() * 2 ** 31)) },
    control: { type: "string", default: "none" },
    team: { type: "boolean", default: false },
  },
});
const longest = Number(values.seconds);
const options = { seed: Number(values.seed), control: values.control as Control };
process.stdout.write(
  `soak: ${longest} s${values.team ? " on a team's store" : ""}, seed ${options.seed}, control ${options.control}\n`,
);
const isEnough = ({ seconds }: { seconds: number }) => seconds >= longest;
const { counts, problems } = values.team
  ? await teamSoak({ isEnough, runsAPlug: 400, outMs: longerThanACall })
  : await soak({ ...options, isEnough, kills: true, keepEvidence: true });
for (const [what, count] of Object.entries(counts)) {
  process.stdout.write(`${what.padEnd(30)}${String(count).padStart(10)}\n`);
}
process.stdout.write(`${"problems".padEnd(30)}${String(problems.length).padStart(10)}\n`);
for (const problem of problems.slice(-20)) process.stdout.write(`  ${problem}\n`);
process.exitCode = problems.length === 0 ? 0 : 1;
