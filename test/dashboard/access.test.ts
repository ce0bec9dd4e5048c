import { connect, createServer } from "node:net";
import { networkInterfaces } from "node:os";
import { describe, expect, onTestFinished, test } from "vitest";
import { CODE_MS } from "../../src/dashboard/access.ts";
import { Served } from "./served.ts";

const everyPath = ["/", "/page.js", "/page.css", "/session?code=x", "/data/overview", "/live", "/elsewhere"];

function codeIn({ body }: { readonly body: string }): unknown {
  return JSON.parse(body).error.code;
}

describe("the server's name", () => {
  test("is another at each start, leads to this machine, and is served on the loopback address only", async () => {
    const [one, other] = [await Served.start(), await Served.start()];
    expect(one.name).toMatch(/^[0-9a-f]{24}\.localhost:\d+$/);
    expect(one.name.split(":")[0]).not.toBe(other.name.split(":")[0]);
    const outside = Object.values(networkInterfaces())
      .flatMap((addresses) => addresses ?? [])
      .filter(({ family, internal }) => family === "IPv4" && !internal);
    for (const { address } of outside) {
      const socket = connect(one.server.port, address);
      expect(await new Promise((resolve) => socket.on("error", resolve).on("connect", resolve))).toBeInstanceOf(Error);
    }
  });

  test.runIf(Object.values(networkInterfaces()).some((all) => all?.some(({ address }) => address === "::1")))(
    "leads to us on both loopback addresses, so that no other user can be where browsers look first",
    async () => {
      const served = await Served.start();
      const other = createServer();
      const error = await new Promise((resolve) => other.once("error", resolve).listen(served.server.port, "::1"));
      expect(error).toMatchObject({ code: "EADDRINUSE" });
      // Another one is there already: that port is not ours to take.
      const squatter = createServer();
      await new Promise<void>((resolve) => squatter.listen(0, "::1", resolve));
      onTestFinished(() => void squatter.close());
      const address = squatter.address();
      const port = typeof address === "object" ? (address?.port ?? 0) : 0;
      await expect(Served.start({ port })).rejects.toThrow(`Port ${port} is in use already.`);
      const socket = connect(served.server.port, "::1");
      socket.write(`GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n`);
      const [line] = await new Promise<string[]>((resolve) =>
        socket.once("data", (data) => resolve(data.toString().split("\r\n"))),
      );
      socket.destroy();
      expect(line).toBe("HTTP/1.1 403 Forbidden");
    },
  );

  test("may be one of this machine with any port, as a tunnel has another one", async () => {
    const served = await Served.start();
    for (const host of ["localhost:1", "127.0.0.1", "[::1]:8000", "LOCALHOST:99", served.name.replace(/\d+$/, "7")]) {
      expect([host, (await served.ask("/", { host })).status]).toEqual([host, 200]);
    }
  });

  test.each([
    "evil.example",
    "evil.example:80",
    "localhost.evil.example",
    "127.0.0.1.nip.io",
    "localhost.",
    "localhost:1:2",
    "127.0.0.2",
    "0.0.0.0",
    "0123456789abcdef01234567.localhost",
    "",
  ])("may not be %j, whatever is asked for and whatever a proxy is said to have seen", async (host) => {
    const served = await Served.start();
    const headers = {
      ...(await served.bearer()),
      "X-Forwarded-Host": "localhost",
      "X-Forwarded-For": "127.0.0.1",
      Forwarded: "host=localhost",
    };
    for (const path of everyPath) {
      const answer = await served.ask(path, { host, headers });
      expect([path, answer.status, codeIn(answer)]).toEqual([path, 403, "FOREIGN_HOST"]);
    }
  });

  test("is its own alone if a person chose the port, which others may have served before", async () => {
    const free = await Served.start();
    const { port } = free.server;
    await free.server.close();
    const served = await Served.start({ port });
    expect((await served.ask("/")).status).toBe(200);
    for (const host of [`localhost:${port}`, `127.0.0.1:${port}`]) {
      expect((await served.ask("/", { host })).status).toBe(403);
    }
  });

  test("may be one that was allowed, which opens nothing without the token", async () => {
    const served = await Served.start({ allowedHost: "box.example.com" });
    const asked = { host: "box.example.com" };
    expect((await served.ask("/", asked)).status).toBe(200);
    expect(codeIn(await served.ask("/data/overview", asked))).toBe("NO_TOKEN");
    const headers = { ...(await served.bearer()), Origin: "https://box.example.com" };
    expect((await served.ask("/data/overview", { ...asked, headers })).status).toBe(200);
    expect((await served.ask("/", { host: "a.box.example.com" })).status).toBe(403);
  });

  test("is said once", async () => {
    const served = await Served.start();
    const socket = connect(served.server.port, "127.0.0.1");
    socket.write("GET / HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\n\r\n");
    const [line] = await new Promise<string[]>((resolve) =>
      socket.once("data", (data) => resolve(data.toString().split("\r\n"))),
    );
    socket.destroy();
    expect(line).toMatch(/^HTTP\/1\.1 40[03] /);
  });
});

describe("data", () => {
  test("are given for the token in its header, and for nothing else", async () => {
    const served = await Served.start();
    const token = await served.token();
    const wrong = `${token.slice(0, -1)}${token.endsWith("A") ? "B" : "A"}`;
    const attempts: Record<string, string>[] = [
      {},
      { Authorization: `Bearer ${wrong}` },
      { Authorization: "Bearer " },
      { Authorization: token },
      { Authorization: `Basic ${token}` },
      { Authorization: `Bearer ${served.code()}` },
      { Cookie: `token=${token}` },
    ];
    for (const path of ["/data/overview", "/live", "/data/agent?name=a", "/elsewhere"]) {
      for (const headers of attempts) expect((await served.ask(path, { headers })).status).toBe(401);
    }
    expect((await served.ask(`/data/overview?token=${token}`)).status).toBe(401);
    const { body, status } = await served.ask("/data/overview", { headers: { Authorization: `Bearer ${token}` } });
    expect([status, JSON.parse(body)]).toMatchObject([200, { kind: "overview", project: "shop" }]);
  });

  test("are not for the token of another start", async () => {
    const [one, other] = [await Served.start(), await Served.start()];
    expect((await one.ask("/data/overview", { headers: await other.bearer() })).status).toBe(401);
  });

  test("are asked for by our own page: what comes from another one is refused", async () => {
    const served = await Served.start();
    const bearer = await served.bearer();
    const foreign: Record<string, string>[] = [
      { "Sec-Fetch-Site": "cross-site" },
      { "Sec-Fetch-Site": "same-site" },
      { Origin: "http://evil.example" },
      { Origin: "null" },
      { Origin: "http://localhost:3000" },
      { Origin: `https://${served.name}` },
    ];
    for (const headers of foreign) {
      for (const path of everyPath) {
        const answer = await served.ask(path, { headers: { ...bearer, ...headers } });
        expect([path, headers, answer.status, codeIn(answer)]).toEqual([path, headers, 403, "CROSS_SITE"]);
      }
    }
    for (const headers of [{ "Sec-Fetch-Site": "same-origin" }, { Origin: `http://${served.name}` }]) {
      expect((await served.ask("/data/overview", { headers: { ...bearer, ...headers } })).status).toBe(200);
    }
  });

  test("are not there for who was led to the address from elsewhere, but the page without them is", async () => {
    const served = await Served.start();
    const led = { "Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document" };
    expect((await served.ask("/", { headers: led })).status).toBe(200);
    expect((await served.ask("/", { headers: { ...led, "Sec-Fetch-Dest": "iframe" } })).status).toBe(403);
    expect((await served.ask("/data/overview", { headers: { ...led, ...(await served.bearer()) } })).status).toBe(403);
  });

  test("cannot be changed: whatever is no question is refused, and no other origin is let in", async () => {
    const served = await Served.start();
    const bearer = await served.bearer();
    for (const method of ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"]) {
      for (const path of everyPath) {
        const { headers, status } = await served.ask(path, { method, headers: bearer });
        expect([method, path, status, headers.allow]).toEqual([method, path, 405, "GET, HEAD"]);
        expect(Object.keys(headers).filter((name) => name.startsWith("access-control"))).toEqual([]);
      }
    }
  });
});

describe("a code", () => {
  test("is good once", async () => {
    const served = await Served.start();
    const path = `/session?code=${served.code()}`;
    expect((await served.ask(path, { method: "HEAD" })).status).toBe(405);
    expect((await served.ask(path)).status).toBe(200);
    const again = await served.ask(path);
    expect([again.status, codeIn(again)]).toEqual([401, "CODE_GONE"]);
  });

  test("is good for 60 seconds", async () => {
    let now = 1_000_000;
    const served = await Served.start({ now: () => now });
    const [inTime, tooLate] = [served.code(), served.code()];
    now += CODE_MS - 1;
    expect((await served.ask(`/session?code=${inTime}`)).status).toBe(200);
    now += 1;
    expect((await served.ask(`/session?code=${tooLate}`)).status).toBe(401);
    expect(CODE_MS).toBe(60_000);
  });

  test("stands in the part of the address that no browser sends, before the agent that is shown first", async () => {
    const served = await Served.start();
    const { hash, pathname, search } = new URL(served.server.newAddress({ agent: "a+b &c" }));
    expect([pathname, search]).toEqual(["/", ""]);
    expect(hash).toMatch(/^#k=[\w-]{32}&agent\/a%2Bb%20%26c$/);
    for (const code of ["", "x", "%", "%ff", "a".repeat(5_000)]) {
      expect((await served.ask(`/session?code=${code}`)).status).toBe(401);
    }
  });
});
