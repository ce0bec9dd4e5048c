import { DEFAULT_RETENTION_DAYS, type RetentionDays } from "./domain/run/retention.ts";
import { KaizenError } from "./errors.ts";

/** A value, and where it came from: shown to the person who wonders why. */
export interface Setting<T> {
  readonly value: T;
  readonly source: string;
}

export interface Settings {
  /** The project folder as the user wrote it; absent if it has to be found. */
  readonly root: Setting<string> | undefined;
  readonly retentionDays: Setting<RetentionDays>;
  readonly store: StoreSettings;
}

/** What says of a team's store where it is, and which project's history is meant there; as they were given. */
export interface StoreSettings {
  readonly address: Setting<string> | undefined;
  readonly project: Setting<string> | undefined;
}

export type Environment = Readonly<Record<string, string | undefined>>;

/** The flags that settings come from, as they were typed. */
export interface GivenSettings {
  readonly root: string | undefined;
  readonly retentionDays: string | undefined;
  readonly store?: string | undefined;
}

/** A flag goes before a variable; an empty variable counts as none. Throws INVALID_ARGUMENT for what cannot be meant. */
export function readSettings(flags: GivenSettings, environment: Environment): Settings {
  return {
    root: rootSettings(flags.root, environment)[0],
    retentionDays: retentionSetting(
      given([
        ["--retention-days", flags.retentionDays],
        ["KAIZEN_RETENTION_DAYS", environment.KAIZEN_RETENTION_DAYS || undefined],
      ])[0],
    ),
    store: storeSettings(flags.store, environment),
  };
}

/** Where a team's store is. An address that has been typed may have no password: every user of the machine can see it. */
function storeSettings(flag: string | undefined, environment: Environment): StoreSettings {
  if (flag !== undefined && hasPassword(flag)) {
    throw new KaizenError(
      "INVALID_ARGUMENT",
      "--store takes no password: what is typed is seen by all of this machine.",
      {
        hint: "Put it into KAIZEN_STORE_PASSWORD_FILE, PGPASSWORD or ~/.pgpass.",
      },
    );
  }
  return {
    address: given([
      ["--store", flag],
      ["KAIZEN_STORE", environment.KAIZEN_STORE || undefined],
    ])[0],
    project: given([["KAIZEN_PROJECT", environment.KAIZEN_PROJECT || undefined]])[0],
  };
}

/** Whether anything stands behind a colon before the last @, or is called a password; rather too often than not. */
function hasPassword(address: string): boolean {
  const [, rest = address] = /^[a-z]+:\/\/(.*)$/is.exec(address) ?? [];
  const user = rest.includes("@") ? rest.slice(0, rest.lastIndexOf("@")) : "";
  return user.includes(":") || /[?&]password=/i.test(address);
}

/** Everything that names the project's folder; the first decides. */
export function rootSettings(flag: string | undefined, environment: Environment): readonly Setting<string>[] {
  return given([
    ["--root", flag],
    ["KAIZEN_PROJECT_ROOT", environment.KAIZEN_PROJECT_ROOT || undefined],
    ["CLAUDE_PROJECT_DIR", environment.CLAUDE_PROJECT_DIR || undefined],
  ]);
}

function given(candidates: ReadonlyArray<readonly [source: string, value: string | undefined]>): Setting<string>[] {
  return candidates.flatMap(([source, value]) => (value === undefined ? [] : [{ value, source }]));
}

function retentionSetting(given: Setting<string> | undefined): Setting<RetentionDays> {
  if (given === undefined) return { value: DEFAULT_RETENTION_DAYS, source: "default" };
  if (!/^\d{1,9}(\.\d{1,9})?$/.test(given.value.trim())) {
    throw new KaizenError(
      "INVALID_ARGUMENT",
      `${given.source} is "${given.value.slice(0, 80)}"; send a number of days such as 90, or 0 for ever.`,
      { hint: "See kaizen-metrics --help." },
    );
  }
  const days = Number(given.value);
  return { value: days === 0 ? null : days, source: given.source };
}
