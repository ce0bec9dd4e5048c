import { execFileSync, spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { join } from "node:path";
import { createSecureContext, TLSSocket } from "node:tls";
import { describe, expect, onTestFinished, test } from "vitest";
import { KaizenError } from "../../src/errors.ts";
import { temporaryFolder } from "../support/places.ts";
import { openPostgres } from "../support/postgres/place.ts";
import { clockAt } from "../support/runs.ts";

const PASSWORD = "s3cret";
/** What makes a certificate: Node.js itself cannot. */
const hasOpenssl = spawnSync("openssl", ["version"]).status === 0;

/** A server that speaks as much of the protocol as it takes to ask for a password, and keeps what it is sent. */
async function hostileServer(
  answer: (socket: Socket, bytes: Buffer) => void,
): Promise<{ port: number; heard: () => string }> {
  const heard: Buffer[] = [];
  const server: Server = createServer((socket) => {
    socket.on("error", () => {});
    socket.on("data", (bytes) => {
      heard.push(bytes);
      answer(socket, bytes);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  return { port: (server.address() as AddressInfo).port, heard: () => Buffer.concat(heard).toString("latin1") };
}

/** An authentication request: `R`, the length, the kind, and what goes with it. */
function asksFor(kind: number, more = Buffer.alloc(0)): Buffer {
  const head = Buffer.alloc(9);
  head.write("R");
  head.writeInt32BE(8 + more.length, 1);
  head.writeInt32BE(kind, 5);
  return Buffer.concat([head, more]);
}

async function failureAt(address: string): Promise<KaizenError> {
  const store = openPostgres("p", { ...clockAt(), passwordSource: () => PASSWORD }, address);
  const error: unknown = await store.runs.listAgents().catch((reason: unknown) => reason);
  if (error instanceof KaizenError) return error;
  throw new Error(`no error of ours: ${error}`);
}

/** What the server says in place of an answer: its words are in no message of ours. */
function refusal(sqlState: string): Buffer {
  const fields = `SFATAL\0C${sqlState}\0Ms3cret words\0\0`;
  const head = Buffer.alloc(5);
  head.write("E");
  head.writeInt32BE(4 + fields.length, 1);
  return Buffer.concat([head, Buffer.from(fields)]);
}

const refusing = async (sqlState: string): Promise<string> => {
  const { port } = await hostileServer((socket) => socket.end(refusal(sqlState)));
  return `postgres://ann@127.0.0.1:${port}/d`;
};

test("why a server was not reached is said of each reason apart, and what to do about it", async () => {
  const mute = await hostileServer(() => {});
  // Some of it passes, and is waited for as long as a call may take: so all of them wait together.
  const told: [string | Promise<string>, string, string][] = [
    [refusing("28000"), "does not let this user in from here (28000)", "pg_hba.conf"],
    [refusing("28P01"), "the server refused the password (28P01)", "kaizen-metrics store"],
    [refusing("3D000"), "there is no such database (3D000)", "the last part of the address"],
    [refusing("53300"), "the server has no connection left (53300)", "a pooler"],
    [refusing("57P03"), "the server is starting or stopping (57P03)", "Wait until it is up"],
    [refusing("08P01"), "what stands before the server refused (08P01)", "log of the pooler"],
    [refusing("99999"), "the server refused (99999)", "lets this machine in"],
    ["postgres://ann@127.0.0.1:9/d", "nothing answers there (ECONNREFUSED)", "listens on this address"],
    ["postgres://ann@no.host.invalid/d?sslmode=disable", " (E", "name|connected"],
    [`postgres://ann@127.0.0.1:${mute.port}/d`, "it does not answer", "firewall"],
  ];
  const failures = await Promise.all(told.map(async ([address]) => failureAt(await address)));
  expect(failures.map(({ code, hint = "", message }) => `${code} ${message} ${hint}`)).toEqual(
    told.map(([, why, what]) => expect.stringMatching(new RegExp(`^STORE_UNREACHABLE .*${escaped(why)}.*(?:${what})`))),
  );
  for (const { hint, message } of failures) expect(`${message} ${hint}`).not.toContain("s3cret");
});

function escaped(text: string): string {
  return text.replaceAll(/[()]/g, "\\$&");
}

describe("what a server is told", () => {
  test.each<[string, Buffer]>([
    ["in clear text", asksFor(3)],
    ["as an MD5 hash", asksFor(5, Buffer.from([1, 2, 3, 4]))],
  ])("is no password %s", async (_, request) => {
    const { heard, port } = await hostileServer((socket) => socket.write(request));
    const error = await failureAt(`postgres://ann@127.0.0.1:${port}/d`);
    expect(error).toMatchObject({ code: "STORE_UNREACHABLE", message: expect.stringContaining("others could read") });
    expect(heard()).toContain("ann");
    expect(heard()).not.toMatch(/s3cret|md5[0-9a-f]{32}/);
  });

  test("is nothing at all if it does not speak TLS where that is asked for", async () => {
    const { heard, port } = await hostileServer((socket) => socket.write("N"));
    const error = await failureAt(`postgres://ann@127.0.0.1:${port}/d?sslmode=require`);
    expect(error).toMatchObject({ code: "STORE_UNREACHABLE", message: expect.stringContaining("does not speak TLS") });
    expect(heard()).not.toContain("ann");
  });

  test.skipIf(!hasOpenssl).each(["require", "verify-full"])(
    "is nothing if its certificate is not one that is believed, with sslmode=%s",
    async (mode) => {
      const folder = temporaryFolder();
      const [key, cert] = [join(folder, "key.pem"), join(folder, "cert.pem")];
      const how = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=other.example"];
      execFileSync("openssl", [...how, "-keyout", key, "-out", cert], { stdio: "ignore" });
      const secureContext = createSecureContext({ key: readFileSync(key), cert: readFileSync(cert) });
      const inside: string[] = [];
      const { port } = await hostileServer((socket) => {
        socket.removeAllListeners("data");
        socket.write("S");
        new TLSSocket(socket, { isServer: true, secureContext })
          .on("error", () => {})
          .on("data", (bytes) => inside.push(bytes.toString("latin1")));
      });
      const address = `postgres://ann@127.0.0.1:${port}/d?sslmode=${mode}`;
      const unknown = await failureAt(address);
      expect(unknown.message).toMatch(/its certificate was signed by none .* \(DEPTH_ZERO_SELF_SIGNED_CERT\)/);
      expect(unknown.hint).toContain("sslrootcert");
      // Its own authority, but another name.
      const named = await failureAt(`${address}&sslrootcert=${encodeURIComponent(cert)}`);
      expect(named.message).toMatch(/its certificate is for another name .* \(ERR_TLS_CERT_ALTNAME_INVALID\)/);
      expect(named.hint).toContain("as the certificate has it");
      const missing = await failureAt(`${address}&sslrootcert=${encodeURIComponent(`${cert}.none`)}`);
      expect(missing).toMatchObject({ code: "STORE_UNREACHABLE", message: expect.stringContaining("ENOENT") });
      expect(inside.join()).not.toContain("ann");
    },
  );
});
