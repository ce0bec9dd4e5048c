import { versionOf } from "../install.ts";
import type { AgentClient, Installable } from "../programs/client.ts";
import type { Outcome } from "./outcome.ts";
import { inWords } from "./sight.ts";

export interface Row {
  readonly cells: readonly string[];
  /** What is not as it has to be. */
  readonly faults: readonly string[];
}

const HEADS = [
  "client",
  "version",
  "era",
  "main sees",
  "subagent sees",
  "run recorded",
  "started, ended",
  "errors",
  "",
];

/** `outcome` is `undefined` if the client could not even be connected or did not end. */
export function rowOf(client: Installable, outcome: Outcome | undefined, seconds: number, faults: Row["faults"]): Row {
  const seen =
    outcome === undefined
      ? ["", "", "", "", "", ""]
      : [
          outcome.era ?? "none",
          inWords(outcome.main),
          inWords(outcome.sub),
          outcome.recorded ?? "no",
          `${outcome.started}, ${outcome.ended}`,
          `${outcome.errors.length}`,
        ];
  const verdict = `${faults.length === 0 ? "pass" : "FAIL"}, ${seconds} s`;
  return { cells: [client.title, versionOf(client), ...seen, verdict], faults };
}

/** A table in Markdown that is also one on a screen. */
export function tableOf(rows: readonly Row[]): string {
  const lines = [HEADS, ...rows.map(({ cells }) => cells)];
  const widths = HEADS.map((_, at) => Math.max(3, ...lines.map((cells) => cells[at]?.length ?? 0)));
  const line = (cells: readonly string[]) => `| ${cells.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join(" | ")} |`;
  const [head = "", ...rest] = lines.map(line);
  return [head, line(widths.map((width) => "-".repeat(width))), ...rest].join("\n");
}

/** What has to be so of a client with agents. */
export function faultsOf(client: AgentClient, { ended, errors, main, recorded, started, sub }: Outcome): string[] {
  const { hooks, isRefused } = client;
  const expected = {
    recorded: isRefused === true ? hooks.failures && "as a failure" : "under the client's id",
    ended: isRefused === true && !hooks.failures ? 0 : 1,
  };
  const ofHooks = [
    sub?.briefs !== 1 && `the subagent had ${sub?.briefs ?? 0} briefs`,
    (recorded ?? false) !== expected.recorded && `its run is recorded: ${recorded ?? "no"}`,
    started !== 1 && `${started} runs were seen to begin`,
    ended !== expected.ended && `${ended} runs were seen to end`,
  ];
  return [
    sub === undefined && "no subagent asked the model",
    main.tools + main.names !== 8 && "the main model does not know 8 tools",
    hooks.session && !main.session && "the main model did not hear from the session's hook",
    ...(hooks.subagents ? ofHooks : [recorded === undefined && "its run is not recorded"]),
    ...errors,
  ].filter((fault) => fault !== false);
}
