import type { Stats } from "node:fs";
import { join } from "node:path";
import type { Environment } from "../config.ts";
import { KaizenError } from "../errors.ts";
import type { PasswordSource } from "../storage/postgres/server/connection.ts";
import type { Address, Host } from "../storage/postgres/server/url.ts";
import { Refused, readPlainFile } from "../trust/own-file.ts";

/** Where the password comes from, by its name: never what it is. */
export function passwordOrigin(address: Address, environment: Environment): string {
  if (address.password !== undefined) return "the address";
  if (environment.KAIZEN_STORE_PASSWORD_FILE) return "KAIZEN_STORE_PASSWORD_FILE";
  return environment.PGPASSWORD ? "PGPASSWORD" : "~/.pgpass, if it has a line for this server";
}

/** Read at each connect: a file may be written anew meanwhile, as where passwords are tokens that expire. */
export function passwordsFrom(address: Address, environment: Environment, home: string | undefined): PasswordSource {
  return (host) => {
    if (address.password !== undefined) return address.password;
    const { KAIZEN_STORE_PASSWORD_FILE: file, PGPASSWORD: password } = environment;
    if (file) return readPasswordFile(file);
    return password || (home === undefined ? undefined : fromPgpass(host, address, home));
  };
}

/** What a file with a secret has to be like. */
interface SecretForm {
  readonly maxBytes: number;
  /** Whether others may read one that is the superuser's: a cluster mounts a secret with mode 0644, or 0440 for a group. */
  readonly isOfSystem: boolean;
  readonly hint: string;
}

const passwordFile: SecretForm = {
  maxBytes: 4096,
  isOfSystem: true,
  hint: "It has to be a plain file with one line, at most 4 KiB: yours with mode 0600, or the superuser's.",
};
const pgpass: SecretForm = {
  maxBytes: 256 * 1024,
  isOfSystem: false,
  hint: "It has to be a plain file of yours with mode 0600, at most 256 KiB.",
};

function readPasswordFile(path: string): string {
  const text = readSecret(path, passwordFile);
  if (text === undefined) {
    throw noPassword(`KAIZEN_STORE_PASSWORD_FILE names ${JSON.stringify(path)}, which is not there`, passwordFile.hint);
  }
  const line = text.replace(/\r?\n$/, "");
  if (line === "" || /[\r\n\0]/.test(line)) {
    throw noPassword("what KAIZEN_STORE_PASSWORD_FILE names has not one line", passwordFile.hint);
  }
  return line;
}

/**
 * Reads a file with a secret; `undefined` if there is none. A link is followed, for a cluster mounts secrets behind one:
 * its name was given by a person, and is confirmed. It counts what it leads to.
 */
function readSecret(path: string, { hint, isOfSystem, maxBytes }: SecretForm): string | undefined {
  const refuseShared = (_: string, { mode, uid }: Stats) => {
    const self = process.geteuid?.();
    // Windows has neither: there the user's profile is closed to others as it is.
    if (self === undefined) return;
    const isSystems = isOfSystem && uid === 0;
    if (uid !== self && !isSystems) throw new Refused(`${path} belongs to another user`);
    if ((mode & 0o022) !== 0) throw new Refused(`${path} is ignored, since others may write to it: chmod 600 ${path}`);
    if (!isSystems && (mode & 0o077) !== 0) {
      throw new Refused(`${path} is ignored, since others may read it: chmod 600 ${path}`);
    }
  };
  try {
    return readPlainFile(path, maxBytes, refuseShared);
  } catch (error) {
    if (error instanceof Refused) throw noPassword(error.message, hint);
    throw error;
  }
}

function noPassword(why: string, hint: string): KaizenError {
  return new KaizenError("NO_STORE", `There is no password for the team's store: ${why}.`, { hint });
}

/**
 * The first line of `~/.pgpass` that fits.
 *
 * Stands in for pgpass: that reads whatever PGPASSFILE names, and writes warnings to stderr.
 */
function fromPgpass({ host, port }: Host, { database, user }: Address, home: string): string | undefined {
  const path =
    process.platform === "win32"
      ? join(home, "AppData", "Roaming", "postgresql", "pgpass.conf")
      : join(home, ".pgpass");
  const wanted = [host, String(port), database, user];
  for (const line of readSecret(path, pgpass)?.split(/\r?\n/) ?? []) {
    if (line.startsWith("#")) continue;
    const fields = line.match(/(?:\\.|[^:\\])+/g)?.map((field) => field.replaceAll(/\\(.)/g, "$1")) ?? [];
    const password = fields[4];
    if (password !== undefined && wanted.every((value, index) => [value, "*"].includes(fields[index] ?? ""))) {
      return password;
    }
  }
  return undefined;
}
