import { isAbsolute } from "node:path";

/** What of a configuration is copied: data, and no name of a program. Each with what its value has to look like. */
const flag = /^(?:true|false|yes|no|on|off|\d{1,10})$/i;
const copied: Readonly<Record<string, RegExp>> = {
  "core.autocrlf": /^(?:true|false|yes|no|on|off|input|\d{1,10})$/i,
  "core.eol": /^(?:lf|crlf|native)$/i,
  "core.filemode": flag,
  "core.ignorecase": flag,
  "core.symlinks": flag,
  "core.precomposeunicode": flag,
  "core.sparsecheckout": flag,
  "core.sparsecheckoutcone": flag,
  "core.bigfilethreshold": /^\d{1,15}[kmg]?$/i,
  "core.excludesfile": /^[^\n\r]{1,4096}$/,
  "extensions.objectformat": /^(?:sha1|sha256)$/i,
};

/** Read, and not copied: it says that the folder around `.git` is no working copy. */
const BARE = "core.bare";

/** Values of a configuration by their keys in lower case. Paths are bytes, each as one character. */
export type GitValues = ReadonlyMap<string, string>;

/** Reads what `git config --null --list` says: a key and, if it has one, a value on the next line. The last one counts. */
export function readValues(listing: Buffer): GitValues {
  const values = new Map<string, string>();
  for (const entry of listing.toString("latin1").split("\0")) {
    const [, key = "", value = "true"] = /^([^\n]*)(?:\n([\s\S]*))?$/.exec(entry) ?? [];
    if ((copied[key] ?? (key === BARE ? flag : undefined))?.test(value) && !isOfServer(value)) values.set(key, value);
  }
  return values;
}

export function isOn(values: GitValues, key: string, usually: boolean): boolean {
  const value = values.get(key);
  return value === undefined ? usually : !/^(?:false|no|off|0+)$/i.test(value);
}

export function isBare(values: GitValues): boolean {
  return isOn(values, BARE, false);
}

export function isSha256(values: GitValues): boolean {
  return values.get("extensions.objectformat")?.toLowerCase() === "sha256";
}

/** The text of a private configuration: these values, and that no program is run. */
export function configurationOf(values: GitValues): Buffer {
  const ofCore = [...values].flatMap(([key, value]) => {
    const name = /^core\.(.+)$/.exec(key)?.[1];
    return name === undefined || key === BARE ? [] : `\t${name} = ${quoted(value)}`;
  });
  const lines = [
    "[core]",
    ...ofCore,
    `\trepositoryFormatVersion = ${isSha256(values) ? 1 : 0}`,
    "\tbare = false",
    "\thooksPath = /dev/null",
    "\tfsmonitor = false",
    "\tattributesFile = /dev/null",
    // What is written here is soon removed again.
    "\tlooseCompression = 0",
    "\tfsync = none",
    "[gc]",
    "\tauto = 0",
    "[maintenance]",
    "\tauto = false",
    "[protocol]",
    "\tallow = never",
    "[extensions]",
    ...(isSha256(values) ? ["\tobjectFormat = sha256"] : []),
  ];
  return Buffer.from(`${lines.join("\n")}\n`, "latin1");
}

function quoted(value: string): string {
  return `"${value.replaceAll(/["\\]/g, "\\$&")}"`;
}

/** Windows logs on to a server as soon as a path on it is opened. */
function isOfServer(value: string): boolean {
  return /^[\\/]{2}/.test(value) && isAbsolute(value);
}
