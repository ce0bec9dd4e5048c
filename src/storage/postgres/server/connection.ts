import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import type { Client, ClientConfig } from "pg";
import { KaizenError } from "../../../errors.ts";
import { codeOf, isFaultOfOurs, reasonOf, remedyFor, unreachable } from "./errors.ts";
import type { Address, Host } from "./url.ts";

/** Gives the password for a host at each connect, for it may change meanwhile; `undefined` if the server may do without. */
export type PasswordSource = (host: Host) => string | undefined | Promise<string | undefined>;

/** One statement, and its rows. */
export type Query = (text: string, values?: readonly unknown[]) => Promise<readonly object[]>;

export interface ConnectionOptions {
  readonly address: Address;
  readonly password: PasswordSource;
  /** What the server lists this program as. */
  readonly applicationName: string;
  /** Looks at a new connection before anything else is sent; what it throws is what the caller gets. */
  readonly onConnected: (query: Query) => Promise<void>;
}

const CONNECT_MS = 3_000;
const IDLE_MS = 10_000;
/** Processes are many: each client session, each hook. */
const MOST_CONNECTIONS = 2;

/**
 * The connections of one process, opened when they are needed and closed when they are not. A statement has no name and a
 * connection no state, so that a pooler may stand in between.
 */
export class Connections {
  readonly #options: ConnectionOptions;
  readonly #idle: { client: Client; timer: NodeJS.Timeout }[] = [];
  readonly #waiting: (() => void)[] = [];
  #inUse = 0;
  /** The host that answered last. */
  #first = 0;

  constructor(options: ConnectionOptions) {
    this.#options = options;
  }

  get hosts(): readonly Host[] {
    return this.#options.address.hosts;
  }

  /** Does something with a connection of its own, which goes away if it fails in a way that says nothing good of it. */
  async use<T>(deadline: number, work: (query: Query) => Promise<T>): Promise<T> {
    await this.#turn(deadline);
    let client: Client | undefined;
    try {
      client = this.#taken() ?? (await this.#connect(deadline));
      const result = await work(queryOf(client, deadline));
      this.#giveBack(client);
      return result;
    } catch (error) {
      const remedy = remedyFor(error);
      const isGood = remedy !== "reconnect" && remedy !== "elsewhere";
      if (client !== undefined && isGood) this.#giveBack(client);
      else if (client !== undefined) drop(client);
      if (remedy === "elsewhere") this.#first += 1;
      throw error;
    } finally {
      this.#inUse -= 1;
      this.#waiting.shift()?.();
    }
  }

  /** Closes what is idle. */
  close(): void {
    for (const { client, timer } of this.#idle.splice(0)) {
      clearTimeout(timer);
      drop(client);
    }
  }

  async #turn(deadline: number): Promise<void> {
    while (this.#inUse >= MOST_CONNECTIONS) {
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
      if (performance.now() > deadline) {
        this.#waiting.shift()?.();
        throw unreachable(this.hosts, "earlier calls took too long");
      }
    }
    this.#inUse += 1;
  }

  #taken(): Client | undefined {
    const idle = this.#idle.pop();
    clearTimeout(idle?.timer);
    return idle?.client;
  }

  #giveBack(client: Client): void {
    const timer = setTimeout(() => {
      this.#forget(client);
      drop(client);
    }, IDLE_MS);
    timer.unref();
    socketOf(client)?.unref?.();
    this.#idle.push({ client, timer });
  }

  #forget(client: Client): void {
    const place = this.#idle.findIndex((idle) => idle.client === client);
    if (place >= 0) clearTimeout(this.#idle.splice(place, 1)[0]?.timer);
  }

  /** Tries the hosts in turn. */
  async #connect(deadline: number): Promise<Client> {
    const { hosts } = this.#options.address;
    let last: unknown;
    for (let tried = 0; tried < hosts.length; tried += 1) {
      const host = hosts[(this.#first + tried) % hosts.length] ?? hosts[0];
      try {
        const client = await this.#connectTo(host, deadline);
        this.#first += tried;
        return client;
      } catch (error) {
        if (error instanceof KaizenError || isFaultOfOurs(error)) throw error;
        last = error;
      }
      await sleep(0);
    }
    throw new Unreached(last);
  }

  async #connectTo({ host, port }: Host, deadline: number): Promise<Client> {
    const { address, applicationName, onConnected, password } = this.#options;
    const { default: pg } = await import("pg");
    let asksInTheClear = false;
    const config: ClientConfig = {
      host,
      port,
      user: address.user,
      database: address.database,
      application_name: applicationName,
      connectionTimeoutMillis: Math.max(1, Math.min(CONNECT_MS, deadline - performance.now())),
      keepAlive: true,
      ssl: address.tls ? tlsOf(address) : false,
      // A statement may be sent behind another one before that is answered: both take one round trip.
      pipeline: true,
      // Numbers of ours are far from where a double ends.
      types: { getTypeParser: (oid, format) => (oid === 20 ? Number : pg.types.getTypeParser(oid, format)) },
      async password() {
        if (asksInTheClear) throw refusesToTell();
        const known = (await password({ host, port })) ?? address.password;
        if (known === undefined) throw knowsNone();
        return known;
      },
    };
    const client = new pg.Client(config);
    // Before the password is asked for it is known in which form the server wants it.
    for (const event of ["authenticationCleartextPassword", "authenticationMD5Password"]) {
      connectionOf(client)?.prependListener(event, () => {
        asksInTheClear = true;
      });
    }
    client.on("error", () => this.#forget(client));
    try {
      await client.connect();
      await onConnected(queryOf(client, deadline));
      return client;
    } catch (error) {
      drop(client);
      throw error;
    }
  }
}

/** No host could be connected to: whatever was meant to be sent was not. */
export class Unreached extends Error {
  readonly code = "08001";
  readonly reason: string;
  /** It will be so at the next try, too. */
  readonly isFinal: boolean;

  constructor(cause: unknown) {
    super("no host could be reached");
    const speaksNoTls = cause instanceof Error && /does not support SSL/.test(cause.message);
    this.reason = speaksNoTls ? "it does not speak TLS" : reasonOf(cause);
    this.isFinal =
      speaksNoTls || /^(?:28|3D|42|ERR_TLS|CERT_|SELF_SIGNED|DEPTH_ZERO|UNABLE_TO)/.test(codeOf(cause) ?? "");
  }
}

function refusesToTell(): KaizenError {
  return new KaizenError("STORE_UNREACHABLE", "The server asks for the password in a form that others could read.", {
    hint: "Let it ask for SCRAM: password_encryption = scram-sha-256, and scram-sha-256 in pg_hba.conf.",
  });
}

/** Asked only if the server wants one. */
function knowsNone(): KaizenError {
  return new KaizenError("STORE_UNREACHABLE", "The server asks for a password, and none is set.", {
    hint: "Set KAIZEN_STORE_PASSWORD_FILE or PGPASSWORD, or write a line for the server into ~/.pgpass.",
  });
}

function tlsOf({ rootCertificate }: Address): NonNullable<ClientConfig["ssl"]> {
  if (rootCertificate === undefined) return { rejectUnauthorized: true };
  try {
    return { rejectUnauthorized: true, ca: readFileSync(rootCertificate, "utf8") };
  } catch {
    throw new KaizenError("INVALID_ARGUMENT", "The file that sslrootcert names cannot be read.");
  }
}

function queryOf(client: Client, deadline: number): Query {
  return async (text, values = []) => {
    const query_timeout = Math.max(1, deadline - performance.now());
    socketOf(client)?.ref?.();
    const { rows } = await client.query<object>({ text, values: [...values], query_timeout } as {
      text: string;
      values: unknown[];
    });
    return rows;
  };
}

interface Socket {
  destroy(): void;
  ref?(): void;
  unref?(): void;
}

interface DriverConnection {
  readonly stream?: Socket;
  prependListener(event: string, listener: () => void): void;
}

/** What the driver's types leave out. */
function connectionOf(client: Client): DriverConnection | undefined {
  return "connection" in client ? (client.connection as DriverConnection) : undefined;
}

function socketOf(client: Client): Socket | undefined {
  return connectionOf(client)?.stream;
}

/** A statement under way is not broken off at the server: a commit that waits would then succeed with a warning. */
function drop(client: Client): void {
  client.end().catch(() => {});
  const socket = socketOf(client);
  socket?.unref?.();
  setTimeout(() => socket?.destroy(), 100).unref();
}
