import { KaizenError } from "../../../errors.ts";

/** Where a team's store is. */
export interface Address {
  /** Tried in this order. */
  readonly hosts: readonly [Host, ...Host[]];
  readonly user: string;
  /** Given in the address itself. */
  readonly password: string | undefined;
  readonly database: string;
  readonly schema: string;
  /** Verified in full, or none: there is nothing in between. */
  readonly tls: boolean;
  /** A file with the certificates that are believed, in place of those of the system. */
  readonly rootCertificate: string | undefined;
}

export interface Host {
  readonly host: string;
  readonly port: number;
}

const DEFAULT_PORT = 5432;
const DEFAULT_SCHEMA = "kaizen";
const addressPattern =
  /^postgres(?:ql)?:\/\/(?:([^:@/?#\s]*)(?::([^@/?#\s]*))?@)?([^/?#@\s]+)\/([^/?#\s]+)(?:\?([^#\s]*))?$/;
const hostPattern = /^(?:\[([0-9a-fA-F:.]+)\]|([A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?))(?::(\d{1,5}))?$/;
const schemaPattern = /^[a-z_][a-z0-9_]{0,62}$/;
const projectPattern =
  /^[\p{L}\p{N}](?:[\p{L}\p{N}\p{M}._@+-]*[\p{L}\p{N}\p{M}])?(?:\/[\p{L}\p{N}](?:[\p{L}\p{N}\p{M}._@+-]*[\p{L}\p{N}\p{M}])?){0,3}$/u;
const MAX_PROJECT_CHARACTERS = 128;
/** What else a driver understands names files that it reads, or sets what others may not set. */
const parameters = new Set(["sslmode", "sslrootcert", "schema"]);

/** Whether a text is meant as the address of a team's store, as far as its first letters go. */
export function isAddress(text: string): boolean {
  return /^postgres(?:ql)?:/i.test(text);
}

/** Reads an address. No error quotes it: a password may stand anywhere in what was meant as one. */
export function parseAddress(text: string): Address {
  const [, user = "", password, hosts = "", database = "", query = ""] = addressPattern.exec(text) ?? [];
  if (hosts === "") throw noAddress("It is not of the form postgres://user@host/database.");
  if (user === "") throw noAddress("It names no user.");
  const given = readParameters(query);
  const parsed = hosts.split(",").map(parseHost);
  const [first, ...others] = parsed;
  if (first === undefined) throw noAddress("It names no host.");
  const schema = given.get("schema") ?? DEFAULT_SCHEMA;
  if (!schemaPattern.test(schema)) {
    throw noAddress("Its schema is not a plain name: small letters, digits and _, not a digit first.");
  }
  const rootCertificate = given.get("sslrootcert");
  const tls = usesTls(given.get("sslmode"), parsed);
  if (!tls && rootCertificate !== undefined) throw noAddress("It has an sslrootcert, and a connection without TLS.");
  return {
    hosts: [first, ...others],
    user: decoded(user),
    password: password === undefined || password === "" ? undefined : decoded(password),
    database: decoded(database),
    schema,
    tls,
    rootCertificate,
  };
}

/** A project as it is told apart from others in one store. */
export function parseProject(text: string): string {
  const project = text.normalize("NFC");
  if (isProject(project)) return project;
  throw new KaizenError("INVALID_ARGUMENT", `${JSON.stringify(project.slice(0, 80))} is no name of a project.`, {
    hint: "Use letters, digits, . _ - @ + and up to three slashes, such as acme/api.",
  });
}

/** Whether a text is the name of a project, in the only form that it has. */
export function isProject(text: string): boolean {
  return text === text.normalize("NFC") && [...text].length <= MAX_PROJECT_CHARACTERS && projectPattern.test(text);
}

/** How a store is shown, everywhere: without password and parameters. */
export function displayStore(address: Address, project: string): string {
  return `postgres://${encodeURIComponent(address.user)}@${displayPlace(address)} (project ${project})`;
}

/** Where a store is, as each of its users would say it. */
export function displayPlace({ database, hosts }: Address): string {
  const [first] = hosts;
  const others = hosts.length > 1 ? `,… (${hosts.length} hosts)` : "";
  return `${displayHost(first)}${others}/${encodeURIComponent(database)}`;
}

/** The address as each other user of the store types it, without a password. */
export function addressForOthers({ database, hosts, rootCertificate, schema, tls }: Address): string {
  const parameters = [
    tls === usesTls(undefined, hosts) ? [] : `sslmode=${tls ? "verify-full" : "disable"}`,
    rootCertificate === undefined ? [] : `sslrootcert=${rootCertificate.split("/").map(encodeURIComponent).join("/")}`,
    schema === DEFAULT_SCHEMA ? [] : `schema=${schema}`,
  ].flat();
  const place = `${hosts.map(displayHost).join(",")}/${encodeURIComponent(database)}`;
  return `postgres://USER@${place}${parameters.length === 0 ? "" : `?${parameters.join("&")}`}`;
}

export function displayHost({ host, port }: Host): string {
  const name = host.includes(":") ? `[${host}]` : host;
  return port === DEFAULT_PORT ? name : `${name}:${port}`;
}

function readParameters(query: string): Map<string, string> {
  const given = new Map<string, string>();
  for (const part of query === "" ? [] : query.split("&")) {
    const [, name = "", value = ""] = /^([^=]*)=(.*)$/.exec(part) ?? [];
    if (!parameters.has(name)) throw noAddress("It has a parameter other than sslmode, sslrootcert and schema.");
    if (given.has(name)) throw noAddress(`It has ${name} twice.`);
    given.set(name, decoded(value));
  }
  return given;
}

function parseHost(text: string): Host {
  const [, v6, name, port = String(DEFAULT_PORT)] = hostPattern.exec(text) ?? [];
  const host = v6 ?? name;
  const number = Number(port);
  if (host === undefined || number < 1 || number > 65_535) throw noAddress("It names a host that is none.");
  return { host, port: number };
}

/** Off this machine TLS is left out only if that is spelled out. */
function usesTls(mode: string | undefined, hosts: readonly Host[]): boolean {
  if (mode === undefined) return !hosts.every(({ host }) => isLoopback(host));
  if (mode === "disable") return false;
  if (mode === "require" || mode === "verify-full") return true;
  throw noAddress("Its sslmode is none of disable, require and verify-full; the last two both verify in full.");
}

function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || /^127(?:\.\d{1,3}){3}$/.test(host);
}

function decoded(text: string): string {
  try {
    const value = decodeURIComponent(text);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: that they are refused is the point
    if (value !== "" && !/[\u0000-\u001f\u007f]/.test(value)) return value;
  } catch {
    // Told in our own words: those of the decoder quote what they could not decode.
  }
  throw noAddress("A part of it is empty, or is not percent-encoded as it should be.");
}

function noAddress(why: string): KaizenError {
  return new KaizenError("INVALID_ARGUMENT", `This is no address of a store. ${why}`, {
    hint: "Write postgres://user@host/database?schema=kaizen, with what is special in a name percent-encoded.",
  });
}
