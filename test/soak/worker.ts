import { randomBytes } from "node:crypto";
import { createJsonlStore } from "../../src/storage/jsonl/store.ts";
import { type Control, fileSystemWithout } from "./controls.ts";
import { OracleFile } from "./oracle.ts";
import { RETENTION_DAYS, type Role, roles, type Worker } from "./roles.ts";
import { seededRandom } from "./seeded-random.ts";

/** However slow a machine is that others are busy on, eight processes take their turns in this time. */
const LONGEST_WAIT_MS = 120_000;

/** One process of the soak: works until it is killed. Arguments: folder, oracles' folder, role, seed, control. */
const [root = "", oracles = "", role = "", seed = "", control = "none"] = process.argv.slice(2);

const life = randomBytes(6).toString("hex");
const { runs: store } = createJsonlStore({
  projectRoot: root,
  retentionDays: RETENTION_DAYS,
  now: Date.now,
  onNotice: () => {},
  fileSystem: fileSystemWithout(control as Control),
  lockTimeoutMs: LONGEST_WAIT_MS,
});
const oracle = new OracleFile(oracles, `${role}-${life}`);
const worker: Worker = {
  root,
  oracles,
  life,
  random: seededRandom(Number(seed)),
  store,
  oracle,
  windowMs: control === "no-drain" ? 10 : 0.5,
};

for (let round = 0; ; round += 1) {
  try {
    await roles[role as Role](worker, round);
  } catch (error) {
    // A lock that nobody gives up in all that time would be as wrong as a lost run.
    oracle.note({ kind: "wrong", what: `${role}: ${error}` });
  }
}
