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
      expect((await failureAt(address)).message).toMatch(/SELF_SIGNED/);
      // Its own authority, but another name.
      expect((await failureAt(`${address}&sslrootcert=${encodeURIComponent(cert)}`)).message).toMatch(/ERR_TLS/);
      expect(inside.join()).not.toContain("ann");
    },
  );
});
