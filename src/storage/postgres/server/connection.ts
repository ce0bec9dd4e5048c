import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import type { Client, ClientConfig } from "pg";
import { KaizenError } from "../../../errors.ts";
import { connectionOf, drop, type Query, queryOf, socketOf } from "./driver.ts";
import { codeOf, isFaultOfOurs, isSaidByServer, remedyFor, Silence, unreachable, type Why, whyNot } from "./errors.ts";
import type { Limit } from "./limit.ts";
import { USUAL_HINT } from "./reasons.ts";
import { type Address, displayHost, type Host } from "./url.ts";

/** Gives the password for a host at each connect, for it may change meanwhile; `undefined` if the server may do without. */
export type PasswordSource = (host: Host) => string | undefined | Promise<string | undefined>;

export interface ConnectionOptions {
  readonly address: Address;
  readonly password: PasswordSource;
  /** What the server lists this program as. */
  readonly applicationName: string;
  /**
   * Looks at a new connection before anything else is sent: whether this server takes writes. What it throws is what the
   * caller gets.
   */
  readonly onConnected: (query: Query) => Promise<boolean>;
}

const CONNECT_MS = 3_000;
const IDLE_MS = 10_000;
/** A machine that is gone is found out after so long and ten seconds more, also if nothing is to be sent to it. */
const PROBE_AFTER_MS = 10_000;
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
  async use<T>(limit: Limit, work: (query: Query) => Promise<T>): Promise<T> {
    await this.#turn(limit);
    let client: Client | undefined;
    try {
      client = this.#taken() ?? (await this.#connect(limit));
      const result = await work(queryOf(client, limit));
      this.#giveBack(client);
      return result;
    } catch (error) {
      const remedy = remedyFor(error);
      const isGood = remedy !== "reconnect" && remedy !== "elsewhere";
      if (client !== undefined && isGood) this.#giveBack(client);
      else if (client !== undefined) {
        drop(client);
        // Another one to the same server fared no better: a call would wait for it in vain.
        this.close();
      }
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

  async #turn(limit: Limit): Promise<void> {
    while (this.#inUse >= MOST_CONNECTIONS) {
      const isWoken = await new Promise<boolean>((resolve) => {
        const wake = () => {
          clearTimeout(timer);
          resolve(true);
        };
        const giveUp = () => {
          this.#waiting.splice(this.#waiting.indexOf(wake), 1);
          resolve(false);
        };
        const timer = setTimeout(giveUp, Math.max(0, limit.leftMs));
        this.#waiting.push(wake);
      });
      if (!isWoken) throw unreachable(this.hosts, { reason: "earlier calls took too long", hint: USUAL_HINT });
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

  /** Tries the hosts in turn. One that takes no writes, as a standby does, is taken only if there is no better one. */
  async #connect(limit: Limit): Promise<Client> {
    const { hosts } = this.#options.address;
    const failures: { host: Host; error: unknown }[] = [];
    let standby: Client | undefined;
    for (let tried = 0; tried < hosts.length; tried += 1) {
      const host = hosts[(this.#first + tried) % hosts.length] ?? hosts[0];
      try {
        const { client, takesWrites } = await this.#connectTo(host, limit);
        if (takesWrites || hosts.length === 1) {
          if (standby !== undefined) drop(standby);
          this.#first += tried;
          return client;
        }
        if (standby === undefined) standby = client;
        else drop(client);
      } catch (error) {
        if (error instanceof KaizenError || isFaultOfOurs(error)) {
          if (standby !== undefined) drop(standby);
          throw error;
        }
        failures.push({ host, error });
      }
      await sleep(0);
    }
    if (standby !== undefined) return standby;
    throw new Unreached(failures);
  }

  async #connectTo({ host, port }: Host, limit: Limit): Promise<{ client: Client; takesWrites: boolean }> {
    const { address, applicationName, onConnected, password } = this.#options;
    const { default: pg } = await import("pg");
    let asksInTheClear = false;
    const config: ClientConfig = {
      host,
      port,
      user: address.user,
      database: address.database,
      application_name: applicationName,
      connectionTimeoutMillis: Math.max(1, Math.min(CONNECT_MS, limit.leftMs)),
      keepAlive: true,
      keepAliveInitialDelayMillis: PROBE_AFTER_MS,
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
      return { client, takesWrites: await onConnected(queryOf(client, limit)) };
    } catch (error) {
      drop(client);
      throw error;
    }
  }
}

/** No host could be connected to: whatever was meant to be sent was not. */
export class Unreached extends Error implements Why {
  readonly code = "08001";
  /** Of each host, if there are several. */
  readonly reason: string;
  /** Of several hosts only what helps with all of them. */
  readonly hint: string;
  readonly isFinal: boolean;
  /** A host has said why. The network says less: only that nothing came, or that a connection was broken off. */
  readonly isTold: boolean;

  constructor(failures: readonly { readonly host: Host; readonly error: unknown }[]) {
    super("no host could be reached");
    const all = failures.map(({ error, host }) => ({ ...whyNot(error), name: displayHost(host) }));
    const [first = whyNot(new Silence()), ...others] = all;
    this.reason = others.length === 0 ? first.reason : all.map(({ name, reason }) => `${name}: ${reason}`).join("; ");
    this.hint = others.every(({ hint }) => hint === first.hint) ? first.hint : USUAL_HINT;
    this.isTold = failures.some(({ error }) => isSaidByServer(error)) || all.some(({ isFinal }) => isFinal);
    this.isFinal = all.length > 0 && all.every(({ isFinal }) => isFinal);
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
  } catch (error) {
    throw new KaizenError(
      "STORE_UNREACHABLE",
      `The file that sslrootcert names cannot be read (${codeOf(error) ?? "no reason given"}).`,
      {
        hint: "Let it name the file with the certificate of the authority that signed the server's, by its whole path.",
      },
    );
  }
}
