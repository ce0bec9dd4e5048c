import type { Environment } from "../../../config.ts";
import { KaizenError } from "../../../errors.ts";

/** Where spans go, by the variables of the OpenTelemetry specification ("OpenTelemetry Protocol Exporter"). */
export interface OtlpSettings {
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  readonly isCompressed: boolean;
  /** What to tell the person who set it so; it holds no header's value. */
  readonly warning: string | undefined;
}

const DEFAULT_TIMEOUT_MS = 10_000;

/** Reads the variables; one for traces goes before the one for everything. Throws INVALID_ARGUMENT, and never tells a header's value. */
export function otlpSettings(environment: Environment): OtlpSettings {
  const setting = (name: string) =>
    environment[`OTEL_EXPORTER_OTLP_TRACES_${name}`] || environment[`OTEL_EXPORTER_OTLP_${name}`] || undefined;
  if (setting("PROTOCOL") === "grpc") {
    throw wrong(
      "OTEL_EXPORTER_OTLP_PROTOCOL is grpc, and export speaks HTTP with JSON.",
      "Set it to http/json, and the endpoint to the port for HTTP, most often 4318.",
    );
  }
  const url = endpoint(environment);
  const headers = Object.fromEntries([
    ...pairsOf(environment.OTEL_EXPORTER_OTLP_HEADERS),
    ...pairsOf(environment.OTEL_EXPORTER_OTLP_TRACES_HEADERS),
  ]);
  return {
    url,
    headers,
    timeoutMs: timeout(setting("TIMEOUT")),
    isCompressed: setting("COMPRESSION") === "gzip",
    warning: openSecret(url, Object.keys(headers)),
  };
}

/** Names of headers by which receivers know who sends. */
const secret = /auth|cookie|credential|key|passw|secret|session|signature|token/;

/** That a secret would leave this machine so that others on the way can read it; `undefined` if none would. */
function openSecret({ hostname, host, protocol }: URL, headers: readonly string[]): string | undefined {
  const secrets = headers.filter((name) => secret.test(name));
  if (secrets.length === 0 || protocol === "https:" || isLoopback(hostname)) return undefined;
  return `What is sent to http://${host} is not encrypted, and others on the way can read ${secrets.join(", ")}: use https.`;
}

/** As `URL` writes hosts: addresses in their shortest form, names in lower case. */
function isLoopback(hostname: string): boolean {
  const mapped = /^\[::ffff:7f[0-9a-f]{2}:[0-9a-f]{1,4}\]$/;
  return /^(?:.+\.)?localhost\.?$|^127(?:\.\d+){3}$|^\[::1\]$/.test(hostname) || mapped.test(hostname);
}

function endpoint(environment: Environment): URL {
  const own = environment.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT;
  if (own) return parsed("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", own);
  const common = environment.OTEL_EXPORTER_OTLP_ENDPOINT;
  if (!common) {
    throw wrong(
      "It is not said where to send the spans.",
      "Set OTEL_EXPORTER_OTLP_ENDPOINT, e.g. to http://localhost:4318, or write them to a file with --output FILE.",
    );
  }
  const url = parsed("OTEL_EXPORTER_OTLP_ENDPOINT", common);
  // The signal's path is added to that of the common endpoint, and to no other.
  url.pathname = `${url.pathname.replace(/\/+$/, "")}/v1/traces`;
  return url;
}

function parsed(name: string, text: string): URL {
  const example = "Send an address such as http://localhost:4318.";
  if (!URL.canParse(text)) throw wrong(`${name} is no address.`, example);
  const url = new URL(text);
  if (url.protocol !== "http:" && url.protocol !== "https:") throw wrong(`${name} is no address of HTTP.`, example);
  if (url.username !== "" || url.password !== "") {
    throw wrong(`${name} holds a user's name or password.`, "Send them as a header, in OTEL_EXPORTER_OTLP_HEADERS.");
  }
  return url;
}

/** What says how a message is carried is made by the connection itself: another word there breaks it, or hides a second one. */
const ofTheConnection: readonly string[] = [
  "connection",
  "content-length",
  "expect",
  "host",
  "http2-settings",
  "keep-alive",
  "proxy-authenticate",
  "proxy-authorization",
  "proxy-connection",
  "te",
  "trailer",
  "trailers",
  "transfer-encoding",
  "upgrade",
  "via",
];

/** `key1=value1,key2=value2`, each percent-encoded. Names in lower case: however they are spelt, it is one header. */
function pairsOf(text: string | undefined): [string, string][] {
  return (text ?? "")
    .split(",")
    .filter((pair) => pair.trim() !== "")
    .map((pair) => {
      const [name = "", ...rest] = pair.split("=");
      const header = { name: decoded(name).toLowerCase(), value: decoded(rest.join("=")) };
      if (rest.length === 0 || !/^[\w!#$%&'*+.^`|~-]+$/.test(header.name) || !/^[\t -~]*$/.test(header.value)) {
        throw wrong(
          "OTEL_EXPORTER_OTLP_HEADERS is not of the form key1=value1,key2=value2.",
          "Encode other signs as %XX.",
        );
      }
      if (ofTheConnection.includes(header.name)) {
        throw wrong(
          `OTEL_EXPORTER_OTLP_HEADERS sets ${header.name}, which belongs to the connection.`,
          "Leave it out: it is set as the message needs it.",
        );
      }
      return [header.name, header.value];
    });
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text.trim());
  } catch {
    return text.trim();
  }
}

function timeout(text: string | undefined): number {
  if (text === undefined) return DEFAULT_TIMEOUT_MS;
  const ms = Number(text);
  if (Number.isFinite(ms) && ms > 0 && ms <= 600_000) return ms;
  throw wrong("OTEL_EXPORTER_OTLP_TIMEOUT is no number of milliseconds.", "Send one such as 10000.");
}

function wrong(message: string, hint: string): KaizenError {
  return new KaizenError("INVALID_ARGUMENT", message, { hint });
}
