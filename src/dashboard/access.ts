import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import type { IncomingHttpHeaders, IncomingMessage } from "node:http";
import type { Refusal } from "./answers.ts";

/** So long a code may be exchanged for the token. */
export const CODE_MS = 60_000;

/** 192 bits: nothing that could be guessed. */
const SECRET_BYTES = 24;

/** Names of this machine. Any port goes with them: a tunnel has another one at its other end. */
const loopbackNames: readonly string[] = ["localhost", "127.0.0.1", "[::1]"];

export interface AccessOptions {
  /** The current instant in ms. */
  now(): number;
  /** Whether a person chose the port: then another program may have served it before. */
  readonly isPortChosen: boolean;
  /** A further name by which the server may be called. */
  readonly allowedHost?: string | undefined;
}

interface Code {
  readonly hash: Buffer;
  readonly expiresAt: number;
  readonly onUsed: () => void;
}

/**
 * Who may see what. The address has a code that is good once and for a short time, since addresses stay in histories. The
 * page exchanges it for the token of this start, and sends that in a header, which no other page can do. A cookie would go
 * to every server of this machine, whatever its port.
 */
export class Access {
  /**
   * The name of this start, which leads to this machine in browsers. What a browser keeps of an earlier server of the same
   * port, such as a service worker, belongs to another name.
   */
  readonly hostName = `${randomBytes(12).toString("hex")}.localhost`;
  readonly #options: AccessOptions;
  readonly #hosts: readonly string[];
  readonly #token = secret();
  readonly #tokenHash = hashOf(this.#token);
  #codes: Code[] = [];

  constructor(options: AccessOptions) {
    const { allowedHost, isPortChosen } = options;
    this.#options = options;
    this.#hosts = [
      this.hostName,
      ...(isPortChosen ? [] : loopbackNames),
      ...(allowedHost === undefined ? [] : [allowedHost]),
    ];
  }

  /** A new code. `onUsed` is told when it is exchanged. */
  newCode(onUsed = () => {}): string {
    const code = secret();
    this.#codes.push({ hash: hashOf(code), expiresAt: this.#options.now() + CODE_MS, onUsed });
    return code;
  }

  /** The token for a code that is still good; the code is good no longer then. */
  exchange(code: string): string | undefined {
    const now = this.#options.now();
    const given = hashOf(code);
    const good = this.#codes.filter(({ expiresAt }) => now < expiresAt);
    const used = good.filter(({ hash }) => timingSafeEqual(hash, given));
    this.#codes = good.filter((one) => !used.includes(one));
    for (const { onUsed } of used) onUsed();
    return used.length > 0 ? this.#token : undefined;
  }

  hasToken({ authorization }: IncomingHttpHeaders): boolean {
    const [, given] = /^Bearer ([\w-]{1,200})$/.exec(authorization ?? "") ?? [];
    return given !== undefined && timingSafeEqual(hashOf(given), this.#tokenHash);
  }

  /**
   * Why a request may not have come from our own page; `undefined` if it may. `isShell` says that it asks for the page
   * itself, which has no data: a browser may be led there from elsewhere, as the file does with which it is opened.
   */
  refusalOf({ headers, rawHeaders }: IncomingMessage, isShell: boolean): Refusal | undefined {
    const host = headers.host?.toLowerCase() ?? "";
    const hostCount = rawHeaders.filter((name, index) => index % 2 === 0 && name.toLowerCase() === "host").length;
    if (hostCount !== 1 || !this.#hosts.includes(host.replace(/:\d{1,5}$/, ""))) return foreignHost;
    const site = headers["sec-fetch-site"];
    const isLedHere = isShell && headers["sec-fetch-mode"] === "navigate" && headers["sec-fetch-dest"] === "document";
    if (site !== undefined && site !== "same-origin" && site !== "none" && !isLedHere) return crossSite;
    if (headers.origin !== undefined && !this.#originsFor(host).includes(headers.origin)) return crossSite;
    return undefined;
  }

  #originsFor(host: string): string[] {
    const { allowedHost } = this.#options;
    // What stands before us under a name of its own may speak TLS, and tell us another host than the browser knows.
    return [`http://${host}`, ...(allowedHost === undefined ? [] : [`https://${host}`, `https://${allowedHost}`])];
  }
}

const foreignHost: Refusal = {
  status: 403,
  code: "FOREIGN_HOST",
  message: "The dashboard is not served under this name.",
  hint: "Open the address that kaizen-metrics dashboard has printed. --allow-host adds a name.",
};

const crossSite: Refusal = {
  status: 403,
  code: "CROSS_SITE",
  message: "Another page has asked for this.",
  hint: "Open the address that kaizen-metrics dashboard has printed.",
};

function secret(): string {
  return randomBytes(SECRET_BYTES).toString("base64url");
}

/** Of one length, whatever is given: so the comparison takes as long for any text. */
function hashOf(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}
