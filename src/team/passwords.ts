import { lstatSync } from "node:fs";
import { join } from "node:path";
import type { Environment } from "../config.ts";
import { KaizenError } from "../errors.ts";
import type { PasswordSource } from "../storage/postgres/server/connection.ts";
import type { Address, Host } from "../storage/postgres/server/url.ts";
import { Refused, readOwnFile } from "../trust/own-file.ts";

const MAX_PASSWORD_FILE_BYTES = 4096;
const MAX_PGPASS_BYTES = 256 * 1024;

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

/** One line. What is not this user's alone is refused: it might be any file that a clone's configuration names. */
function readPasswordFile(path: string): string {
  const text = readSecret(path, MAX_PASSWORD_FILE_BYTES);
  if (text === undefined)
    throw unusable(`KAIZEN_STORE_PASSWORD_FILE names ${JSON.stringify(path)}, which is not there`);
  const line = text.replace(/\r?\n$/, "");
  if (line === "" || /[\r\n\0]/.test(line)) throw unusable("what KAIZEN_STORE_PASSWORD_FILE names has not one line");
  return line;
}

/** Reads a file that no one else can read either; `undefined` if there is none. */
function readSecret(path: string, maxBytes: number): string | undefined {
  try {
    const stats = lstatSync(path, { throwIfNoEntry: false });
    // Windows has no such bits: there the user's profile is closed to others as it is.
    if (process.platform !== "win32" && stats?.isFile() && (stats.mode & 0o077) !== 0) {
      throw new Refused(`others may read ${path}: chmod 600 it`);
    }
    return readOwnFile(path, maxBytes);
  } catch (error) {
    if (error instanceof Refused) throw unusable(error.message);
    throw error;
  }
}

function unusable(why: string): KaizenError {
  return new KaizenError("NO_STORE", `There is no password for the team's store: ${why}.`, {
    hint: "It has to be a plain file of yours with one line, at most 4 KiB, and mode 0600.",
  });
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
  for (const line of readSecret(path, MAX_PGPASS_BYTES)?.split(/\r?\n/) ?? []) {
    if (line.startsWith("#")) continue;
    const fields = line.match(/(?:\\.|[^:\\])+/g)?.map((field) => field.replaceAll(/\\(.)/g, "$1")) ?? [];
    const password = fields[4];
    if (password !== undefined && wanted.every((value, index) => [value, "*"].includes(fields[index] ?? ""))) {
      return password;
    }
  }
  return undefined;
}
