import { createHmac, randomBytes } from "node:crypto";
import type { Environment, StoreSettings } from "./config.ts";
import { DEFAULT_RETENTION_DAYS, type RetentionDays } from "./domain/run/retention.ts";
import { KaizenError } from "./errors.ts";
import { Kaizen } from "./kaizen/kaizen.ts";
import type { Hurry } from "./storage/hurry.ts";
import type { OnNotice } from "./storage/notice.ts";
import { openStore, prepareStore } from "./storage/open.ts";
import type { Store } from "./storage/store.ts";
import { chooseStore } from "./team/choice.ts";
import type { RootTrust } from "./trust/root-trust.ts";
import type { StoreTrust } from "./trust/store-trust.ts";
import { storeTrustOnThisMachine, trustOnThisMachine } from "./trust/this-machine.ts";

export { chooseStore, projectName } from "./team/choice.ts";

export interface OpenOptions {
  /** The project's folder; the files live in `.kaizen/metrics` below it. */
  readonly projectRoot: string;
  /** How many days a run is kept, or `null` to keep each; 180 unless said. */
  readonly retentionDays?: RetentionDays;
  /** Hears of what was read with a remark, such as a damaged line. */
  readonly onNotice?: OnNotice;
  /** What bounds the reading of a process that must end soon, such as a hook. */
  readonly hurry?: Hurry | undefined;
}

/**
 * The use cases over a project's files, with this machine's clock, randomness and trust. Creates nothing on disk before
 * the first write, which also notes for this user that a store which held nothing is their own. Fails with `NO_STORE` if
 * the project's history is in a team's store: `openProject` opens that.
 */
export function openKaizen(options: OpenOptions): Kaizen {
  expectRoot(options, "openKaizen");
  const choice = chooseStore(options.projectRoot, noSettings);
  if (choice.kind === "folder") return overFolder(options);
  throw new KaizenError("NO_STORE", "This project's history is in a team's store.", {
    hint: "Open it by openProject.",
  });
}

export interface OpenProjectOptions extends OpenOptions {
  /** Where a team's store is, and whose history is meant there. Left out: as the variables say. */
  readonly store?: StoreSettings;
  /** Left out: that of this process. */
  readonly environment?: Environment;
  /** Another project of the same team's store, in place of the one that was confirmed; to look at. */
  readonly other?: string | undefined;
}

/**
 * The use cases over the store that the project has: its files, or a team's store on a server. That has to have been
 * confirmed on this machine; it is connected to when something is asked for. Fails with `NO_STORE` if it cannot be said
 * where the store is, or if it was not confirmed.
 */
export async function openProject(options: OpenProjectOptions): Promise<Kaizen> {
  expectRoot(options, "openProject");
  const { environment = process.env, projectRoot, store = settingsOf(environment) } = options;
  const choice = chooseStore(projectRoot, store);
  if (choice.kind === "folder") return overFolder(options);
  const { expectConfirmed, parseProject, readTeamStore } = await import("./team/team-store.ts");
  const team = readTeamStore(choice, environment);
  expectConfirmed(team, openStoreTrust(projectRoot, environment));
  const { retentionDays = DEFAULT_RETENTION_DAYS, onNotice = () => {} } = options;
  const { address, passwords: passwordSource } = team;
  const project = options.other === undefined ? team.project : parseProject(options.other);
  const limitMs = options.hurry === undefined ? undefined : HURRIED_MS;
  const opened = openStore({ address, project, passwordSource, retentionDays, onNotice, now: Date.now, limitMs });
  return over(opened, openTrust(projectRoot, environment), { retentionDays, isForeign: () => false });
}

/** Programs without types call these, too. */
function expectRoot(options: Partial<OpenOptions> | undefined, name: string): void {
  if (typeof options?.projectRoot === "string" && options.projectRoot !== "") return;
  throw new KaizenError("INVALID_ARGUMENT", `${name} needs \`projectRoot\`, the path of the project's folder.`, {
    hint: `Call ${name}({ projectRoot: "/path/to/project" }).`,
  });
}

/** A hook has a few seconds in all, and has to say by then that a server does not answer. */
const HURRIED_MS = 3_000;

const noSettings: StoreSettings = { address: undefined, project: undefined };

function settingsOf({ KAIZEN_PROJECT, KAIZEN_STORE }: Environment): StoreSettings {
  const given = (source: string, value: string | undefined) => (value ? { source, value } : undefined);
  return { address: given("KAIZEN_STORE", KAIZEN_STORE), project: given("KAIZEN_PROJECT", KAIZEN_PROJECT) };
}

function overFolder(options: OpenOptions): Kaizen {
  const { projectRoot, retentionDays = DEFAULT_RETENTION_DAYS, onNotice = () => {} } = options;
  const trust = openTrust(projectRoot);
  const seal = new Seal(trust);
  const store = openStore({
    ...options,
    retentionDays,
    onNotice,
    now: Date.now,
    snapshotKey: seal,
    onFirstWrite() {
      if (trust.claim()) seal.forget();
    },
  });
  return over(store, trust, { retentionDays, isForeign: () => trust.state().kind === "foreign" });
}

function over(
  store: Store,
  trust: RootTrust,
  { isForeign, retentionDays }: { readonly isForeign: () => boolean; readonly retentionDays: RetentionDays },
): Kaizen {
  return new Kaizen({
    store,
    now: Date.now,
    randomHex: () => randomBytes(16).toString("hex"),
    retentionDays,
    isForeign,
    holdout: () => trust.choices().holdout,
    coin: (text) => throwCoin(trust.secretFor("trials"), text),
  });
}

/** The first 32 bits of HMAC-SHA256 as a fraction of 1: as good as random for who does not know the secret. */
function throwCoin(secret: Buffer | undefined, text: string): number | undefined {
  return secret === undefined ? undefined : createHmac("sha256", secret).update(text).digest().readUInt32BE() / 2 ** 32;
}

/** What the user of this process, or of another environment, trusts of a project. */
export function openTrust(projectRoot: string, environment: Environment = process.env): RootTrust {
  return trustOnThisMachine(projectRoot, () => prepareStore(projectRoot), environment);
}

/** The team's store that the user has confirmed for a project. */
export function openStoreTrust(projectRoot: string, environment: Environment = process.env): StoreTrust {
  return storeTrustOnThisMachine(projectRoot, () => prepareStore(projectRoot), environment);
}

/** Asked for once, and anew after the first write, which may have made the store this user's own. */
class Seal {
  readonly #trust: RootTrust;
  #known: Buffer | undefined;
  /** Where no secret can be kept, no other process believes what this one has saved. */
  readonly #ofProcess = randomBytes(32);

  constructor(trust: RootTrust) {
    this.#trust = trust;
  }

  toRead(): Buffer {
    this.#known ??= this.#trust.snapshotSecret({ toWrite: false });
    return this.#known ?? this.#ofProcess;
  }

  toWrite(): Buffer {
    this.#known ??= this.#trust.snapshotSecret({ toWrite: true }) ?? this.#ofProcess;
    return this.#known;
  }

  forget(): void {
    this.#known = undefined;
  }
}
