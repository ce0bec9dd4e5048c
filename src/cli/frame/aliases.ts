/** Names that people type for commands which are called something else here. */
export const aliases: Readonly<Record<string, string>> = {
  stats: "summary",
  log: "runs",
  list: "agents",
  ls: "agents",
  ui: "dashboard",
};

/** Names for what no command does alone, each with the line that does it. */
export const otherNames: Readonly<Record<string, string>> = {
  uninstall: "to take kaizen-metrics out of a client: kaizen-metrics init --remove",
  remove: "to take kaizen-metrics out of a client: kaizen-metrics init --remove",
  install: "to connect a client: kaizen-metrics init",
  report: "to record a run: kaizen-metrics record; to see how runs went: kaizen-metrics summary; help report explains",
};

const ofTime =
  "a summary is of a time, as --since 7d, and not of a number of runs; kaizen-metrics runs -n 20 lists the last 20";

/** What to do in place of a flag that people type after a command which has none like it. */
export function whatInstead(command: string | undefined, flag: string): string | undefined {
  return command === "summary" && ["last", "limit", "n"].includes(flag) ? ofTime : undefined;
}

/** The name of the command that is meant. */
export function meantName(name: string): string {
  return (Object.hasOwn(aliases, name) ? aliases[name] : undefined) ?? name;
}
