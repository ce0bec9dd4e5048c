import { realpathSync } from "node:fs";
import { homedir } from "node:os";
import { basename, dirname, join } from "node:path";
import type { Environment, Setting } from "../config.ts";
import { KaizenError } from "../errors.ts";
import { serverOf } from "../storage/postgres/open.ts";
import type { FoldCheck } from "../storage/postgres/run-view/check-folds.ts";
import type { ServerLook } from "../storage/postgres/server/admin.ts";
import type { PasswordSource } from "../storage/postgres/server/connection.ts";
import type { ProjectFigures } from "../storage/postgres/server/projects.ts";
import type { Records } from "../storage/postgres/server/records.ts";
import { printedSql, SCHEMA_VERSION } from "../storage/postgres/server/schema.ts";
import {
  type Address,
  addressForOthers,
  displayPlace,
  displayStore,
  isProject,
  parseAddress,
  parseProject,
} from "../storage/postgres/server/url.ts";
import type { StoreTrust } from "../trust/store-trust.ts";
import type { ConfirmedStorePart } from "../trust/trust-schema.ts";
import type { StoreChoice } from "./choice.ts";
import { passwordOrigin, passwordsFrom } from "./passwords.ts";

export type { FoldCheck } from "../storage/postgres/run-view/check-folds.ts";
export type { ServerLook } from "../storage/postgres/server/admin.ts";
export type { ProjectFigures } from "../storage/postgres/server/projects.ts";
export { parseProject } from "../storage/postgres/server/url.ts";
export { MARKER, markerText, readMarker } from "./marker.ts";

/** The version of the tables that this program needs. */
export const NEEDED_VERSION = SCHEMA_VERSION;

export type TeamChoice = Extract<StoreChoice, { kind: "team" }>;

/** A team's store as the settings have it, before anything was sent to it. */
export interface TeamStore {
  readonly address: Address;
  readonly project: string;
  /** As it is shown everywhere: without password and parameters. */
  readonly shown: string;
  /** Where it is, without the user either. */
  readonly place: string;
  /** What each other user of it sets, with USER for the name. */
  readonly forOthers: string;
  readonly choice: TeamChoice;
  /** What a person has to have confirmed. */
  readonly toConfirm: ConfirmedStorePart;
  readonly passwords: PasswordSource;
  /** Where the password comes from, by its name. */
  readonly passwordOrigin: string;
}

/**
 * Fails with `INVALID_ARGUMENT` for what is no address, or no name of a project, and was typed; with `NO_STORE`, which names
 * the variable or the file, if it was not. Nothing of an address is quoted.
 */
export function readTeamStore(choice: TeamChoice, environment: Environment): TeamStore {
  const address = readSetting(choice.address, parseAddress);
  const project = readSetting(choice.project, parseProject);
  return {
    address,
    project,
    choice,
    shown: displayStore(address, project),
    place: displayPlace(address),
    forOthers: addressForOthers(address),
    toConfirm: {
      hosts: address.hosts.map(({ host, port }) => `${host}:${port}`),
      database: address.database,
      schema: address.schema,
      project,
      tls: address.tls,
      root_certificate: address.rootCertificate,
      password_file: passwordFile(address, environment),
    },
    passwords: passwordsFrom(address, environment, homeFolder()),
    passwordOrigin: passwordOrigin(address, environment),
  };
}

function readSetting<T>({ source, value }: Setting<string>, parse: (text: string) => T): T {
  try {
    return parse(value);
  } catch (error) {
    if (!(error instanceof KaizenError) || source.startsWith("--")) throw error;
    const { hint, message } = error;
    throw new KaizenError(
      "NO_STORE",
      `${source} is set, and cannot be used. ${message}`,
      hint === undefined ? {} : { hint },
    );
  }
}

/** Until a person has confirmed it, nothing is read from there, nothing is written, and no password leaves. */
export function expectConfirmed({ shown, toConfirm }: TeamStore, trust: StoreTrust): void {
  if (trust.isConfirmed(toConfirm)) return;
  const before = trust.confirmed();
  const differing = before === undefined ? [] : differences(before, toConfirm);
  const what = differing.length === 0 ? "" : ` It differs from what was confirmed in ${differing.join(", ")}.`;
  throw new KaizenError(
    "NO_STORE",
    `The team's store ${shown} is not confirmed for this folder on this machine.${what}`,
    { hint: "Look at it, and confirm it: kaizen-metrics store trust." },
  );
}

function differences(before: ConfirmedStorePart, now: ConfirmedStorePart): string[] {
  const parts = {
    "the hosts": [before.hosts.join(), now.hosts.join()],
    "the database": [before.database, now.database],
    "the schema": [before.schema, now.schema],
    "the project": [before.project, now.project],
    TLS: [`${before.tls} ${before.root_certificate}`, `${now.tls} ${now.root_certificate}`],
    "the password file": [before.password_file, now.password_file],
  };
  return Object.entries(parts).flatMap(([name, [was, is]]) => (was === is ? [] : [name]));
}

/** What the server says of itself. */
export async function lookAt(team: TeamStore): Promise<ServerLook> {
  return (await serverOf()).lookAtServer(optionsFor(team));
}

/** Makes the tables and roles that are missing. Gives the version before, and whether the roles could be made. */
export async function upgradeTables(
  team: TeamStore,
): Promise<{ readonly before: number | undefined; readonly after: number; readonly hasRoles: boolean }> {
  return { ...(await (await serverOf()).upgradeServer(optionsFor(team))), after: SCHEMA_VERSION };
}

/** Compares each agent's figures with its rows. */
export async function compareFigures(
  team: TeamStore,
  onAgent: (done: number, all: number) => void,
): Promise<readonly FoldCheck[]> {
  return (await serverOf()).checkFolds(optionsFor(team), onAgent);
}

/** The projects of the store that a client can open, with how much of each is on record; those at work last first. */
export async function projectsOf(team: TeamStore): Promise<readonly ProjectFigures[]> {
  const all = await (await serverOf()).listProjects(optionsFor(team));
  return all.filter(({ name }) => isProject(name));
}

/** Hands over every record of the project, byte for byte, some at a time. */
export async function walkRecordsOf(team: TeamStore, take: (some: Records) => Promise<void>): Promise<void> {
  await (await serverOf()).walkRecords(optionsFor(team), take);
}

/** All that makes a store, for who lets no program change a database. */
export function sqlFor({ address }: TeamStore): string {
  return printedSql(address.schema);
}

function optionsFor({ address, passwords: passwordSource, project }: TeamStore) {
  return { address, project, passwordSource, now: Date.now };
}

/**
 * Only a file that the password is read from: as it stands in its folder, by the real path of that. It may be a link, which
 * leads to another file each time that a cluster renews its secrets.
 */
function passwordFile(address: Address, { KAIZEN_STORE_PASSWORD_FILE: file }: Environment): string | undefined {
  if (!file || address.password !== undefined) return undefined;
  try {
    return join(realpathSync(dirname(file)), basename(file));
  } catch {
    return file;
  }
}

function homeFolder(): string | undefined {
  try {
    return homedir();
  } catch {
    return undefined;
  }
}
