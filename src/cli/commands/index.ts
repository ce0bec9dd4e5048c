import { meantName } from "../frame/aliases.ts";
import type { Command } from "../frame/define-command.ts";
import { serve } from "./connect/serve.ts";

export { serve };

/** They are small and share nearly all that they need: Node takes longer to find a file for each than to compile all. */
const everyday = () => import("./everyday.ts");

/** Clients wait for them, and they share what they need too. */
const hooks = () => import("./hooks.ts");

/** In the order in which the overview shows them, within their chapters. Each is loaded where it is meant. */
const table: Readonly<Record<string, () => Promise<Command>>> = {
  record: async () => (await everyday()).record,
  verify: async () => (await everyday()).verify,
  void: async () => (await everyday()).voidRun,
  ci: async () => (await import("./report/ci.ts")).ci,
  backfill: async () => (await import("./report/backfill.ts")).backfill,
  summary: async () => (await everyday()).summary,
  brief: async () => (await everyday()).brief,
  agents: async () => (await everyday()).agents,
  runs: async () => (await everyday()).runs,
  show: async () => (await everyday()).show,
  dashboard: async () => (await import("./read/dashboard.ts")).dashboard,
  recommendations: async () => (await everyday()).recommendations,
  analysis: async () => (await everyday()).analysis,
  optimize: async () => (await everyday()).optimize,
  where: async () => (await everyday()).where,
  trust: async () => (await everyday()).trust,
  store: async () => (await everyday()).store,
  prune: async () => (await everyday()).prune,
  doctor: async () => (await everyday()).doctor,
  export: async () => (await import("./files/export.ts")).exportRuns,
  import: async () => (await import("./files/import.ts")).importRuns,
  init: async () => (await import("./connect/init.ts")).init,
  status: async () => (await import("./connect/status.ts")).status,
  serve: async () => serve,
  hook: async () => (await hooks()).hook,
  statusline: async () => (await hooks()).statusline,
  executions: async () => (await everyday()).executions,
};

export function allCommands(): Promise<readonly Command[]> {
  return Promise.all(Object.values(table).map((load) => load()));
}

/** The commands that may be meant: the one that the line begins with, or else all, as flags of any may come first. */
export async function commandsFor([first = ""]: readonly string[]): Promise<readonly Command[]> {
  const name = meantName(first);
  const load = Object.hasOwn(table, name) ? table[name] : undefined;
  return load === undefined ? allCommands() : [await load()];
}
