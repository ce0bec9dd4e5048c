import { parseArgs } from "node:util";
import type { Control } from "./controls.ts";
import { soak } from "./soak.ts";

/** `npm run soak -- --seconds 60 --seed 1 --control no-lock` */
const { values } = parseArgs({
  options: {
    seconds: { type: "string", default: "60" },
    seed: { type: "string", default: String(Math.floor(Math.random() * 2 ** 31)) },
    control: { type: "string", default: "none" },
  },
});
const longest = Number(values.seconds);
const options = { seed: Number(values.seed), control: values.control as Control };
process.stdout.write(`soak: ${longest} s, seed ${options.seed}, control ${options.control}\n`);
const isEnough = ({ seconds }: { seconds: number }) => seconds >= longest;
const { counts, problems } = await soak({ ...options, isEnough, kills: true, keepEvidence: true });
for (const [what, count] of Object.entries(counts)) {
  process.stdout.write(`${what.padEnd(30)}${String(count).padStart(10)}\n`);
}
process.stdout.write(`${"problems".padEnd(30)}${String(problems.length).padStart(10)}\n`);
for (const problem of problems.slice(-20)) process.stdout.write(`  ${problem}\n`);
process.exitCode = problems.length === 0 ? 0 : 1;
