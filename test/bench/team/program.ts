import { randomUUID } from "node:crypto";
import { createReadStream, writeSync } from "node:fs";
import pg from "pg";
import { encodeJson } from "../../../src/adr004/json-style.ts";
import { readRun } from "../../../src/adr004/run-line.ts";
import { readOut } from "../../../src/kaizen/figures/agent-summary.ts";
import { openStore } from "../../../src/storage/open.ts";
import { given, RUN_COLUMNS } from "../../../src/storage/postgres/run-view/run-row.ts";
import { parseAddress } from "../../../src/storage/postgres/server/url.ts";
import type { NewRun } from "../../../src/storage/store.ts";
import { REVIEWER } from "../../support/runs.ts";
import { appendRun } from "../../support/single-calls.ts";
import { benchRun, freshId } from "../history.ts";
import { measureInTurns } from "../measure.ts";

/**
 * What the bench of the team's store measures in a process of its own, which is bundled as the product is. Arguments: what
 * to do, the project, and how often. `BENCH_STORE` is the address of the server.
 */
const [what = "", project = "", times = "1"] = process.argv.slice(2);
const address = process.env.BENCH_STORE ?? "";
const count = Number(times);
const DAY_MS = 86_400_000;

const open = (name = project) =>
  openStore({
    address: parseAddress(address),
    project: name,
    passwordSource: () => undefined,
    retentionDays: 180,
    now: Date.now,
    onNotice: () => {},
  }).runs;

async function connected(): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: address });
  await client.connect();
  return client;
}

const say = (answer: unknown) => writeSync(1, `${JSON.stringify(answer)}\n`);

/** A run of now: every `ordinal` that four divides has a key. */
const runOfNow = (ordinal: number) => benchRun(freshId(), Date.now(), ordinal);
const [WITHOUT_KEY, WITH_KEY] = [1, 4];

/** What is least: the row that the store would keep, put into the same table by a statement that does nothing else. */
function bareInsert(client: pg.Client): (run: NewRun) => Promise<unknown> {
  const agentId = randomUUID();
  let seq = 0;
  return ({ record }) => {
    const execution = readRun(record);
    if (execution === undefined) throw new Error("a run of the bench can be read");
    const { parameters } = given([{ execution, text: encodeJson(record), copy: 0 }], 3);
    const places = parameters.map((_, index) => `$${index + 3}`).join(", ");
    seq += 1;
    return client.query(`INSERT INTO kaizen.runs (agent_id, seq, ${RUN_COLUMNS}) VALUES ($1, $2, ${places})`, [
      agentId,
      seq,
      ...parameters,
    ]);
  };
}

const programs: Record<string, () => Promise<void>> = {
  /** So many runs over the hundred days before now, in batches, by the store. */
  async fill() {
    const runs = open();
    const [begun, each] = [Date.now() - 100 * DAY_MS, 2_000];
    for (let done = 0; done < count; done += each) {
      const some = Array.from({ length: Math.min(each, count - done) }, (_, index) => {
        const ordinal = done + index + 1;
        return benchRun(freshId(), begun + (ordinal / count) * 100 * DAY_MS, ordinal);
      });
      await runs.append(REVIEWER, some);
    }
    await runs.close();
    say({});
  },
  /** One record, also with a key and with a long history, and the bare insert of the same rows, in turns. */
  async record() {
    const [none, many] = [open(`${project}/none`), open(`${project}/many`)];
    const bare = bareInsert(await connected());
    const works = {
      bare: () => bare(runOfNow(WITHOUT_KEY)),
      record: () => appendRun(none, REVIEWER, runOfNow(WITHOUT_KEY)),
      bareWithKey: () => bare(runOfNow(WITH_KEY)),
      recordWithKey: () => appendRun(none, REVIEWER, runOfNow(WITH_KEY)),
      recordOfMany: () => appendRun(many, REVIEWER, runOfNow(WITHOUT_KEY)),
    };
    say(await measureInTurns(works, { count, warmUp: count }));
  },
  /** A summary with its verdicts, of a long history and of none, in turns. */
  async summary() {
    const [none, many] = [open(`${project}/none`), open(`${project}/many`)];
    const client = await connected();
    const works = {
      select: () => client.query("SELECT $1::text", ["nothing"]),
      none: async () => readOut(REVIEWER, await none.overview(REVIEWER), {}),
      many: async () => readOut(REVIEWER, await many.overview(REVIEWER), {}),
      counters: () => many.overview(REVIEWER),
    };
    say(await measureInTurns(works, { count, warmUp: count }));
  },
  /** As many records by one caller after the other as by 64 at once. */
  async callers() {
    const runs = open();
    const repeat = async (often: number) => {
      for (let index = 0; index < often; index += 1) await appendRun(runs, REVIEWER, runOfNow(WITHOUT_KEY));
    };
    const works = { one: () => repeat(128), many: () => Promise.all(Array.from({ length: 64 }, () => repeat(20))) };
    const { one, many } = await measureInTurns(works, { count, warmUp: 3 });
    say({ one: (128 / one.medianMs) * 1000, many: (1280 / many.medianMs) * 1000 });
  },
  /** Connects, waits for a sign, so that several begin together, and records as fast as one caller can. */
  async burst() {
    const runs = open();
    await runs.append(REVIEWER, [runOfNow(WITHOUT_KEY)]);
    say("ready");
    for await (const _ of createReadStream("", { fd: 0 })) break;
    for (let round = 0; round < count; round += 1) await appendRun(runs, REVIEWER, runOfNow(WITHOUT_KEY));
    say("done");
  },
};

await programs[what]?.();
process.exit();
