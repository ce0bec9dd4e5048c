import * as z from "zod";
import { matchesFilter } from "../../../domain/run/filter.ts";
import { parseJson } from "../../../domain/text/json.ts";
import { KaizenError } from "../../../errors.ts";
import type { Page, PageRequest } from "../../store.ts";
import type { Database } from "../server/database.ts";
import { ROWS, type RunReader, type StoredRun } from "./reading.ts";

const cursorSchema = z.tuple([z.string(), z.int().min(0), z.int().min(0)]);
const endSchema = z.object({ orders: z.number(), seq: z.number(), check: z.number() });

/** Reads pages of one agent's runs. */
export class RunPages {
  readonly #database: Database;
  readonly #agentId: string;
  readonly #reader: RunReader;

  constructor(database: Database, agentId: string, reader: RunReader) {
    this.#database = database;
    this.#agentId = agentId;
    this.#reader = reader;
  }

  /** The runs that a request picks, the last first, and where the next page goes on if there are more. */
  async read(request: PageRequest, cutoff: number): Promise<Page> {
    const { budget = Number.POSITIVE_INFINITY, filter, limit, signal } = request;
    signal?.throwIfAborted();
    const { orders } = await this.end();
    const found: StoredRun[] = [];
    // With a budget every live run is one that was looked at, whatever it says.
    const rowFilter = request.budget === undefined ? filter : {};
    let searched = 0;
    let lookedAt = this.#decode(request.cursor, orders) ?? Number.MAX_SAFE_INTEGER;
    let hasMore = true;
    while (hasMore && found.length <= limit && searched < budget) {
      signal?.throwIfAborted();
      const rows = await this.#reader.someBefore(lookedAt, ROWS + 1, { cutoff, filter: rowFilter });
      hasMore = false;
      for (const [index, { run, seq }] of rows.entries()) {
        if (index === ROWS || searched >= budget) hasMore = true;
        if (hasMore || found.length > limit) break;
        searched += 1;
        lookedAt = seq;
        if (run !== undefined && matchesFilter(run.execution, filter)) found.push(run);
      }
    }
    const page = found.slice(0, limit);
    const last = found.length > limit ? page.at(-1)?.seq : hasMore ? lookedAt : undefined;
    const executions = page.map(({ execution }) => execution);
    return {
      executions,
      verifications: await this.#reader.verificationsOf(executions),
      nextCursor: last === undefined ? undefined : this.#encode(orders, last),
      ...(request.budget === undefined ? {} : { searched }),
    };
  }

  /** Where the agent's tables end, and how often they were put in another order. */
  async end(): Promise<z.infer<typeof endSchema>> {
    const [row] = await this.#database.read(
      `SELECT orders, last_seq AS seq, last_check AS "check" FROM ${this.#database.table("agents")} WHERE agent_id = $1`,
      [this.#agentId],
    );
    return endSchema.parse(row);
  }

  /** A cursor names the last run of a page by its number, and the order of the log in which that stands. */
  #encode(orders: number, seq: number): string {
    return Buffer.from(JSON.stringify([this.#agentId, orders, seq])).toString("base64url");
  }

  #decode(cursor: string | undefined, now: number): number | undefined {
    if (cursor === undefined) return undefined;
    const hint = "Ask again without a cursor, from the newest run on.";
    const parsed = cursorSchema.safeParse(parseJson(Buffer.from(cursor, "base64url").toString("utf8")));
    if (!parsed.success)
      throw new KaizenError("INVALID_ARGUMENT", "cursor is not one that an earlier page gave.", { hint });
    const [agentId, orders, seq] = parsed.data;
    if (agentId === this.#agentId && orders === now) return seq;
    throw new KaizenError("INVALID_ARGUMENT", "cursor is out of date: the log was rewritten since that page.", {
      hint,
    });
  }
}
