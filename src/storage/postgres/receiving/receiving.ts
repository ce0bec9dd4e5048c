import type { AgentName } from "../../../domain/run/agent-name.ts";
import { InFlightCalls } from "../../shared/in-flight.ts";
import type { DryRunOption, ForeignLine, Received, ReceivedJournal, Receiving } from "../../store.ts";
import type { Agents } from "../agents/agents.ts";
import type { Database, Query } from "../server/database.ts";
import { translateServerError } from "../server/errors.ts";
import { receiveEvents } from "./receive-events.ts";
import { receiveVoided } from "./receive-voided.ts";
import type { Reception } from "./reception.ts";

interface ReceivingOptions {
  readonly database: Database;
  readonly agents: Agents;
}

/** Takes in what stood beside the log of another store. What is there decides, so that what came before may come again. */
export class PostgresReceiving implements Receiving {
  readonly #options: ReceivingOptions;
  readonly #calls = new InFlightCalls(translateServerError);

  constructor(options: ReceivingOptions) {
    this.#options = options;
  }

  receive(
    agent: AgentName,
    journal: ReceivedJournal,
    lines: readonly ForeignLine[],
    { dryRun: isDryRun = false, isUnproven = false }: DryRunOption & { readonly isUnproven?: boolean } = {},
  ): Promise<readonly Received[]> {
    return this.#calls.answer(`taking in the ${journal} lines of ${agent}`, async () => {
      const { agents, database } = this.#options;
      const agentId = isDryRun ? await agents.idOf(agent) : await agents.claim(agent);
      const reception: Reception = { database, agentId, isDryRun, isUnproven };
      const take = (query: Query) =>
        journal === "voided" ? receiveVoided(query, reception, lines) : receiveEvents(query, reception, journal, lines);
      return database.settle(async ({ query, transaction }) => {
        if (isDryRun) return take(query);
        return transaction(async (inside) => {
          await inside(`SELECT 1 FROM ${database.table("agents")} WHERE agent_id = $1 FOR UPDATE`, [agentId]);
          return take(inside);
        });
      });
    });
  }

  close(): Promise<void> {
    return this.#calls.close();
  }
}
