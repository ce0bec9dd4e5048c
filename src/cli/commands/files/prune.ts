import { setTimeout as delay } from "node:timers/promises";
import { plainLine } from "../../../domain/text/plain-text.ts";
import { KaizenError } from "../../../errors.ts";
import { isOfWholeStore } from "../../../kaizen/base/among-latest.ts";
import { problemOf } from "../../../kaizen/base/problem.ts";
import type { Kaizen } from "../../../kaizen/kaizen.ts";
import { type CommandContext, defineCommand } from "../../frame/define-command.ts";
import { usageError } from "../../frame/parse-arguments.ts";
import { expectKnownAgent } from "../../input/known-agent.ts";
import { nothingHere } from "../../reports/nothing-here.ts";
import type { Style } from "../../terminal/style.ts";
import { type Column, table } from "../../terminal/table.ts";

const NOTE_CHARACTERS = 1_000;

const self = { name: "prune" };

export const prune = defineCommand({
  ...self,
  group: "files",
  summary: "Delete runs older than the retention period",
  details: [
    `Expired runs count in no answer, whether they were taken out or not; recording runs takes them out now and then.
Lines that hold no readable run stay where they are. What was taken out cannot be had back.`,
  ],
  flags: {
    all: { type: "boolean", description: "Every agent's runs" },
    "dry-run": { type: "boolean", description: "Say what would be taken out, and change nothing" },
  },
  usedWith: ["retention-days"],
  positionals: { agent: { or: "all", description: "Whose runs, e.g. code-reviewer" } },
  examples: [
    ["kaizen-metrics prune --all --dry-run", "What has expired, by the retention that is set"],
    ["kaizen-metrics prune code-reviewer --retention-days 30", "Keep the last 30 days of one agent"],
  ],
  async run({ flags, positionals: { agent } }, context) {
    if (agent !== undefined && flags.all) throw usageError("prune takes AGENT or --all, not both.", self);
    if (agent === undefined && !flags.all) throw usageError("prune needs AGENT or --all.", self);
    const isDryRun = flags["dry-run"] === true;
    const kaizen = await context.kaizen();
    if (agent !== undefined) await expectKnownAgent(kaizen, agent);
    const names = agent === undefined ? await everyAgent(kaizen) : [agent];
    const agents: PrunedAgent[] = [];
    const failed: FailedAgent[] = [];
    for (const [index, name] of names.entries()) {
      context.progress.step(isDryRun ? "agents looked at" : "agents pruned", index, names.length);
      const onProgress = (done: number, total: number) => context.progress.bytes(`pruning ${name}`, done, total);
      try {
        const pruned = isDryRun ? await expired(name, context) : await kaizen.prune(name, onProgress);
        agents.push({ agent: name, ...pruned });
      } catch (error) {
        // What is wrong with one agent's files keeps no other from being pruned.
        if (!flags.all || isOfWholeStore(error) || (await isOfLogin(error, context))) throw error;
        failed.push({ agent: name, error });
      }
    }
    const removed = sum(agents, "removed");
    if (!isDryRun && removed > 0) failed.push(...(await finish(kaizen, agents, context)));
    const failures = failed.map(({ agent, error }) => {
      const { code, message } = problemOf(error);
      return { agent, code, message };
    });
    return {
      value: { agents, removed, kept: sum(agents, "kept"), dry_run: isDryRun, failures },
      text: (style) => (names.length === 0 ? `${nothingHere}\n` : prunedTable(agents, isDryRun, style)),
      ...(failed.length === 0 ? {} : { note: failed.map(told).join("\n"), exitCode: 1 }),
    };
  },
});

/** Whether a team's store takes nothing out for this login: then it does so for no agent. */
async function isOfLogin(error: unknown, context: CommandContext): Promise<boolean> {
  return error instanceof KaizenError && error.code === "READ_ONLY" && (await context.store()).kind === "team";
}

/** Also those that no other command lists: that their logs are not looked at is said of each. */
async function everyAgent(kaizen: Kaizen): Promise<string[]> {
  return [...new Set([...(await kaizen.agentNames()), ...(await kaizen.unsafeAgents())])];
}

/** A log's old file stays for a second, for who may still write to it: so long, and what was taken out is on no disk. */
const OLD_FILE_MS = 1_100;

/** Gives those whose old file could not be seen to. */
async function finish(
  kaizen: Kaizen,
  agents: readonly PrunedAgent[],
  { progress }: CommandContext,
): Promise<FailedAgent[]> {
  const failed: FailedAgent[] = [];
  const pruned = agents.filter(({ removed }) => removed > 0);
  await delay(OLD_FILE_MS);
  for (const [index, { agent }] of pruned.entries()) {
    progress.step("old files removed", index, pruned.length);
    try {
      await kaizen.prune(agent);
    } catch (error) {
      failed.push({ agent, error });
    }
  }
  return failed;
}

interface Pruned {
  readonly removed: number;
  readonly kept: number;
}

interface FailedAgent {
  readonly agent: string;
  readonly error: unknown;
}

function told({ agent, error }: FailedAgent): string {
  const { hint, message } = problemOf(error);
  return plainLine(`${agent} was left as it is: ${message} ${hint ?? ""}`.trim(), NOTE_CHARACTERS);
}

type PrunedAgent = Pruned & { readonly agent: string };

/** What a prune would do: the runs that count, against those that would if none ever expired. */
async function expired(agent: string, context: CommandContext): Promise<Pruned> {
  const runs = async (kaizen: Kaizen) => (await kaizen.summary(agent)).summary.execution_count;
  const kept = await runs(await context.kaizen());
  return { removed: (await runs(await context.unexpired())) - kept, kept };
}

function sum(agents: readonly PrunedAgent[], key: "removed" | "kept"): number {
  return agents.reduce((total, agent) => total + agent[key], 0);
}

function prunedTable(agents: readonly PrunedAgent[], isDryRun: boolean, style: Style): string {
  return agents.length === 0 ? "" : table(columns(isDryRun), agents.map(row), style);
}

function columns(isDryRun: boolean): readonly Column[] {
  return [
    { title: "agent", flexible: true },
    { title: isDryRun ? "to be removed" : "removed", align: "right" },
    { title: "kept", align: "right" },
  ];
}

function row({ agent, kept, removed }: PrunedAgent): string[] {
  return [agent, String(removed), String(kept)];
}
