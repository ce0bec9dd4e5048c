import type { RunModel } from "../../src/domain/dashboard/run-models.ts";
import type {
  AgentModel,
  AgentRow,
  ComparisonRow,
  Notice,
  OverviewModel,
} from "../../src/domain/dashboard/view-model.ts";
import { compareArms } from "../../src/domain/figures/comparison.ts";
import { now, ratedOf, type Simulated, simulatedAgent } from "./simulated-agent.ts";

// Projects as the page may meet them. The figures are those of simulated runs, the same ones each time.

const steady = (rate: number) => () => rate;

const shop: readonly Simulated[] = [
  {
    name: "migration-bot",
    runs: 88,
    rateAt: (part) => (part > 0.78 ? 0.2 : 0.92),
    hoursBetween: 7,
    endedHoursAgo: 1,
    seconds: 74,
    checked: 0.3,
    refuted: 0.05,
    coverage: 0.9,
    failures: [
      [
        "LockTimeout: lock on table orders_<n> not granted in <n> s",
        "LockTimeout: lock on table orders_12 not granted in 30 s",
      ],
      ["MigrationError: column <q> already exists", 'MigrationError: column "total" already exists'],
    ],
    tasks: ["migrate", "backfill"],
    proposed: ["Set lock_timeout and retry outside of working hours"],
    underWay: 1,
  },
  {
    name: "code-reviewer",
    runs: 276,
    rateAt: steady(0.95),
    hoursBetween: 2.3,
    endedHoursAgo: 2,
    seconds: 41,
    checked: 0.15,
    coverage: 0.97,
    failures: [
      ["DiffTooLarge: diff of <n> lines exceeds the context", "DiffTooLarge: diff of 9120 lines exceeds the context"],
    ],
    tasks: ["review"],
    adopted: [0.98, "Split diffs above 4,000 lines by directory"],
  },
  {
    name: "triage-bot",
    runs: 227,
    rateAt: steady(0.81),
    hoursBetween: 2.9,
    endedHoursAgo: 5,
    seconds: 12,
    checked: 0.02,
    coverage: 0.97,
    failures: [
      [
        "RateLimited: <n> from api.github.com, retry after <n> s",
        "RateLimited: 429 from api.github.com, retry after 60 s",
      ],
      ["NoDuplicate: no candidate above <n>", "NoDuplicate: no candidate above 0.8"],
    ],
    tasks: ["triage"],
    trial: {
      number: 1,
      share: 0.5,
      is_running: true,
      shown: ratedOf(31, 36),
      not_shown: ratedOf(27, 34),
      verdict: "running",
      evidence: "under way: shown 31 of 36, not shown 27 of 34 (Bayes factor 0.6, 20 is clear)",
    },
  },
  {
    name: "test-writer",
    runs: 192,
    rateAt: (part) => (part < 0.53 ? 0.86 : part < 0.74 ? 0.42 : 0.98),
    hoursBetween: 3.3,
    endedHoursAgo: 0.6,
    seconds: 30,
    checked: 0.24,
    refuted: 0.1,
    coverage: 0.94,
    failures: [
      [
        "TimeoutError: container db-<n> did not accept connections",
        "TimeoutError: container db-7 did not accept connections",
      ],
      ["AssertionError: expected <n>, got <n> at <path>", "AssertionError: expected 3, got 4 at src/cart.ts"],
      ["SyntaxError: unexpected token <q>", 'SyntaxError: unexpected token "}"'],
    ],
    tasks: ["fix-flaky", "write-tests"],
    adopted: [0.74, "Start the database container once, before the first test"],
    underWay: 1,
  },
  {
    name: "doc-writer",
    runs: 72,
    rateAt: steady(0.9),
    hoursBetween: 8.6,
    endedHoursAgo: 26,
    seconds: 58,
    checked: 0.5,
    refuted: 0.27,
    coverage: 0.69,
    failures: [["LinkCheck: <n> dead links in <path>", "LinkCheck: 3 dead links in docs/setup.md"]],
    tasks: ["docs", "changelog"],
    proposed: ["Run the link checker before reporting success", "Let CI verify every run"],
  },
  {
    name: "release-bot",
    runs: 5,
    rateAt: steady(1),
    hoursBetween: 60,
    endedHoursAgo: 30,
    seconds: 95,
    coverage: 1,
    failures: [],
    tasks: ["release"],
  },
];

export interface Project {
  readonly overview: OverviewModel;
  readonly agents: Readonly<Record<string, AgentModel>>;
  readonly runs: Readonly<Record<string, readonly RunModel[]>>;
}

let shopAtFirst: Project | undefined;

/** One that a test may change. */
export function shopProject(): Project {
  shopAtFirst ??= project("acme/shop", shop);
  return structuredClone(shopAtFirst);
}

export const manyAgents = (count: number): Project =>
  project(
    "acme/many",
    Array.from({ length: count }, (_, place): Simulated => {
      const like = shop[place % 5];
      if (like === undefined) throw new Error("no agent to be like");
      return { ...like, name: `${like.name}-${place}`, runs: 60 };
    }),
  );

function project(name: string, simulated: readonly Simulated[]): Project {
  const all = simulated.map((agent, place) => simulatedAgent(agent, place + 11));
  const rows = all.map(({ row }) => row).sort((a, b) => rank(a) - rank(b) || a.low - b.low);
  const frame = { version: 1 as const, project: name, generated_at: new Date(now).toISOString(), health: [] };
  const underWay = rows.flatMap((row) =>
    row.under_way > 0 ? [{ agent: row.name, started_at: new Date(now - 4 * 60_000).toISOString() }] : [],
  );
  const most = [...rows].sort((a, b) => b.runs - a.runs)[0];
  const notices = rows.flatMap(noticesOf);
  const firsts = notices.filter(({ agent }, place) => notices.findIndex((one) => one.agent === agent) === place);
  const declining = rows.filter(({ verdict }) => verdict === "declining").map((row) => row.name);
  const overview: OverviewModel = {
    kind: "overview",
    ...frame,
    store: {
      name: "db.acme.dev/metrics",
      projects: [
        { name: "acme/web", words: "3 agents, 1,204 runs, the last recorded 2026-11-22T09:58:00Z" },
        { name: "acme/a-name.of/some-length/that-goes-on-for-a-while", words: "1 agent, 1 run" },
      ],
    },
    under_way: underWay,
    headline:
      declining.length === 0
        ? "No agent declines."
        : `${declining[0]} needs help: ${rows[0]?.evidence.replace(/ \(P.*/, "")}`,
    agent_count: rows.length,
    run_count: rows.reduce((sum, { runs }) => sum + runs, 0),
    worth_a_look: [...firsts, ...notices.filter((one) => !firsts.includes(one))].slice(0, 4),
    agents: rows.slice(0, 100),
    advice: all
      .flatMap(({ advice }) => advice)
      .filter((one) => one.since_then ?? one.trial)
      .slice(0, 8),
    failures: all
      .flatMap(({ failures }) => failures)
      .sort((a, b) => b.count - a.count)
      .slice(0, 8),
    compared_with: most?.name ?? null,
    comparison: most === undefined ? [] : comparisonOf(most, rows).slice(0, 8),
  };
  const agents = all.map(({ advice, days, failures, row, story }): [string, AgentModel] => [
    row.name,
    {
      kind: "agent",
      ...frame,
      under_way: underWay.filter(({ agent }) => agent === row.name),
      agent: row,
      sentences: [row.evidence, `${row.successes} of ${row.runs} runs succeeded`],
      notices: noticesOf(row),
      story,
      advice,
      failures,
      comparison: comparisonOf(row, rows).slice(0, 8),
      days: { unit: "day", rows: days },
      evidence: {
        lines: [`Seen: tests of ${row.runs} runs; they were right 9 times of 10.`],
        tokens: { runs: row.runs, input: 1_234_567, output: 98_765 },
        cost: row.cost,
      },
      brief: { text: `## Figures\n\n- Runs: ${row.runs}\n- Success: ${row.evidence}\n`, tokens: 327 },
    },
  ]);
  const runs = all.map(({ row, runs: simulatedRuns, story }): [string, RunModel[]] => [
    row.name,
    simulatedRuns
      .map((run): RunModel => {
        const failure = run.kind === null ? "" : (story.kinds[run.kind]?.example ?? "");
        const at = new Date(run.at).toISOString();
        return {
          kind: "run",
          version: 1,
          agent: row.name,
          id: run.id,
          run: {
            id: run.id,
            at,
            outcome: run.outcome,
            verified_by: run.isVerified ? "ci" : null,
            task: run.task,
            model: "claude-opus-4",
            time_s: Math.round(run.time * 10) / 10,
            quality: 0.9,
            words: failure,
          },
          record: JSON.stringify(
            { agent: row.name, success: run.outcome !== "f", task: run.task, error: failure },
            null,
            2,
          ),
          verifications: run.isVerified
            ? [{ by: "ci", success: run.isGood, at, counts: true, words: run.isGood ? "" : "3 tests failed" }]
            : [],
          seen: ["a test command ended with status 0"],
        };
      })
      .reverse(),
  ]);
  return { overview, agents: Object.fromEntries(agents), runs: Object.fromEntries(runs) };
}

function rank({ verdict }: AgentRow): number {
  return verdict === "declining" ? 0 : verdict === "too_few_runs" ? 2 : 1;
}

function noticesOf(row: AgentRow): Notice[] {
  const { coverage, evidence, name, verdict, verified } = row;
  const gap = Math.round((verified.gap ?? 0) * 100);
  const share = (rate: number | null) => `${Math.round((rate ?? 0) * 100)}%`;
  const found: Notice[] = [];
  if (verdict === "declining" || verdict === "improving")
    found.push({
      agent: name,
      kind: verdict,
      headline: `${name} is ${verdict}`,
      detail: evidence.replace(/^\w+ /, ""),
    });
  if (verified.runs >= 10 && gap > 10)
    found.push({
      agent: name,
      kind: "overrates",
      headline: `${name} overrates itself by ${gap} points`,
      detail: `${share(verified.claimed_rate)} claimed, ${share(verified.rate)} verified, ${verified.runs} of ${row.runs} runs checked`,
    });
  if (coverage !== null && coverage.reported / coverage.started < 0.75)
    found.push({
      agent: name,
      kind: "unreported",
      headline: `${name} leaves runs unreported`,
      detail: `${coverage.started} runs seen, ${coverage.reported} reported`,
    });
  return found;
}

function comparisonOf(base: AgentRow, rows: readonly AgentRow[]): ComparisonRow[] {
  return rows
    .filter(({ name }) => name !== base.name)
    .map((row) => {
      const found = compareArms(row, base, rows.length - 1);
      const [low, high] = found.interval;
      return {
        agent: row.name,
        difference: found.difference,
        low,
        high,
        winner: found.winner,
        is_too_few: row.runs < 10 || base.runs < 10,
        evidence: found.evidence,
        warning: found.warning,
      };
    });
}

export function emptyProject(): Project {
  const { overview } = project("acme/new", []);
  return { overview: { ...overview, headline: "No runs yet." }, agents: {}, runs: {} };
}

/** Every text of a project, but the words of the schema, replaced by one that tries to be more than a text. */
export function hostileProject(text: string): Project {
  const { agents, overview, runs } = shopProject();
  const names = new Map(Object.keys(agents).map((name, place) => [name, `${text} ${place}`]));
  const isWord = /^(kind|version|verdict|outcome|strip|status|unit|day|at|\w+_at|id)$/;
  const turned = <T>(value: T): T =>
    JSON.parse(
      JSON.stringify(value, (key, found: unknown) =>
        typeof found === "string" && !isWord.test(key) ? (names.get(found) ?? `${text} ${found}`) : found,
      ),
    );
  const renamed = <T>(record: Readonly<Record<string, T>>) =>
    Object.fromEntries(Object.entries(record).map(([name, value]) => [names.get(name) ?? name, turned(value)]));
  return { overview: turned(overview), agents: renamed(agents), runs: renamed(runs) };
}
