import { plainLine } from "../../domain/text/plain-text.ts";
import type { StoreChoice } from "../../team/choice.ts";
import type { TeamStore } from "../../team/team-store.ts";

/** Which store it is, and what chose it, as a list of fields has it. */
export function storeRows(choice: StoreChoice, team: TeamStore | undefined): (readonly [string, string])[] {
  if (team === undefined) {
    const unused =
      choice.kind === "folder" && choice.unused !== undefined
        ? `; ${choice.unused.source} is for projects with .kaizen/store.json, and this one has none`
        : "";
    return [["Store", `the project's folder${unused}`]];
  }
  const { address, choice: chosen, passwordOrigin, shown } = team;
  return [
    ["Store", plainLine(shown, 1_000)],
    ["Schema", address.schema],
    ["Address by", chosen.address.source],
    ["Project by", chosen.project.source],
    ["TLS", tlsWords(team)],
    ["Password", `from ${passwordOrigin}`],
  ];
}

export function confirmedRow(isConfirmed: boolean): readonly [string, string] {
  return ["Confirmed", isConfirmed ? "for this folder, on this machine" : "not yet: kaizen-metrics store trust"];
}

function tlsWords({ address: { rootCertificate, tls }, address }: TeamStore): string {
  if (!tls) return address.hosts.every(({ host }) => isHere(host)) ? "none, on this machine" : "none: switched off";
  return `verified, by ${rootCertificate === undefined ? "the certificates of Node.js" : plainLine(rootCertificate, 300)}`;
}

function isHere(host: string): boolean {
  return host === "localhost" || host === "::1" || host.startsWith("127.");
}

/** Which store it is, as a value for `--json`. */
export function storeFigures(choice: StoreChoice, team: TeamStore | undefined, isConfirmed: boolean) {
  if (team === undefined) {
    return {
      kind: "folder",
      ...(choice.kind === "folder" && choice.unused !== undefined ? { unused: choice.unused.source } : {}),
    };
  }
  const { address, choice: chosen, passwordOrigin, project, shown } = team;
  return {
    kind: "postgres",
    store: shown,
    hosts: address.hosts.map(({ host, port }) => `${host}:${port}`),
    database: address.database,
    schema: address.schema,
    user: address.user,
    project,
    tls: address.tls,
    address_by: chosen.address.source,
    project_by: chosen.project.source,
    password_from: passwordOrigin,
    confirmed: isConfirmed,
  };
}
