import { randomUUID } from "node:crypto";
import * as z from "zod";
import { type AgentName, existingAgentNameSchema, foldAgentName } from "../../../domain/run/agent-name.ts";
import { byCodePoint } from "../../../domain/text/code-point-order.ts";
import { nearCollision } from "../../refusals.ts";
import { isText, isTruth, objectOf } from "../../shared/form.ts";
import type { ListedAgent } from "../../store.ts";
import type { Database, Query } from "../server/database.ts";
import { expectRow } from "../server/driver.ts";

/** The parts of an agent that are listed, and change, by themselves. */
export type Part = "runs" | "lifecycle" | "evidence";

interface AgentRow {
  readonly agent_id: string;
  readonly agent: string;
  readonly is_used: boolean;
}

const isAgentRow = objectOf<AgentRow>({ agent_id: isText, agent: isText, is_used: isTruth });
const listedSchema = z.array(z.object({ agent: z.string(), changed_at: z.number().nullable() }));
const tokenSchema = z.object({ token: z.string().nullable() });

/** What changes an agent's part: how often it was written anew, and the last numbers in it. All of them only grow. */
const counters: Readonly<Record<Part, string>> = {
  runs: "epoch + last_seq + last_check",
  lifecycle: "lifecycle_epoch + last_lifecycle",
  evidence: "evidence_epoch + last_evidence",
};

/** The agents of a project. The row of one is never deleted, so that its id holds for as long as a process runs. */
export class Agents {
  readonly #database: Database;
  readonly #project: string;
  readonly #ids = new Map<AgentName, string>();
  readonly #claims = new Map<AgentName, Promise<string>>();

  constructor(database: Database, project: string) {
    this.#database = database;
    this.#project = project;
  }

  /** The id of an agent of which anything was ever kept under this spelling. */
  async idOf(agent: AgentName): Promise<string | undefined> {
    const known = this.#ids.get(agent);
    if (known !== undefined) return known;
    const row = await this.#database.settle(({ query }) => this.#find(query, agent));
    return row?.agent === agent ? this.#keep(agent, row.agent_id) : undefined;
  }

  /** Takes the name for an agent. Fails if it differs only in case or spelling from another that is used. */
  claim(agent: AgentName): Promise<string> {
    // Calls that come together are answered together, so that they go on in their order.
    const claim = this.#claims.get(agent) ?? this.#claim(agent);
    this.#claims.set(agent, claim);
    const over = () => void this.#claims.delete(agent);
    claim.then(over, over);
    return claim;
  }

  async #claim(agent: AgentName): Promise<string> {
    const known = this.#ids.get(agent);
    if (known !== undefined) return known;
    const row = await this.#database.settle(async ({ query, write }) => {
      const there = await this.#find(query, agent);
      if (there?.agent === agent) return there;
      if (there === undefined) {
        await write(
          `INSERT INTO ${this.#table} (agent_id, project, agent, folded) VALUES ($1, $2, $3, $4) ON CONFLICT (project, folded) DO NOTHING`,
          [randomUUID(), this.#project, agent, foldAgentName(agent)],
        );
      } else if (!there.is_used) {
        await write(`UPDATE ${this.#table} SET agent = $3 WHERE agent_id = $1 AND agent = $2`, [
          there.agent_id,
          there.agent,
          agent,
        ]);
      }
      return this.#find(query, agent);
    });
    if (row?.agent !== agent) throw nearCollision(agent, row?.agent ?? agent);
    return this.#keep(agent, row.agent_id);
  }

  /** The agents that have such a part. */
  async list(part: Part, like?: string): Promise<ListedAgent[]> {
    const rows = await this.#database.read(
      `SELECT agent, extract(epoch FROM ${part}_at)::double precision * 1000 AS changed_at FROM ${this.#table}
WHERE project = $1 AND has_${part} AND ($2::text IS NULL OR folded = $2)`,
      [this.#project, like === undefined ? null : foldAgentName(like)],
    );
    const listed = listedSchema.parse(rows).map(({ agent, changed_at }) => ({
      name: existingAgentNameSchema.parse(agent),
      lastChange: changed_at ?? undefined,
    }));
    return listed.sort((a, b) => byCodePoint(a.name, b.name));
  }

  /** A text that differs once the part of an agent, or of any, has changed. */
  async changeToken(part: Part, agent?: AgentName): Promise<string> {
    const rows = await this.#database.read(
      `SELECT sum(${counters[part]})::text AS token FROM ${this.#table} WHERE project = $1 AND ($2::text IS NULL OR agent = $2)`,
      [this.#project, agent ?? null],
    );
    return tokenSchema.parse(rows[0]).token ?? "0";
  }

  get #table(): string {
    return this.#database.table("agents");
  }

  #keep(agent: AgentName, id: string): string {
    this.#ids.set(agent, id);
    return id;
  }

  async #find(query: Query, agent: AgentName): Promise<AgentRow | undefined> {
    const [row] = await query(
      `SELECT agent_id, agent, has_runs OR has_lifecycle OR has_evidence AS is_used FROM ${this.#table} WHERE project = $1 AND folded = $2`,
      [this.#project, foldAgentName(agent)],
    );
    return row === undefined ? undefined : expectRow(isAgentRow, row);
  }
}
