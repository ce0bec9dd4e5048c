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

/** The name of the command that is meant. */
export function meantName(name: string): string {
  return (Object.hasOwn(aliases, name) ? aliases[name] : undefined) ?? name;
}
