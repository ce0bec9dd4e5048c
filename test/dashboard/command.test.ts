import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { request } from "node:http";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { agentModelSchema, overviewModelSchema } from "../../src/domain/dashboard/view-model.ts";
import { runCommandHere } from "../support/command-here.ts";
import { temporaryFolder } from "../support/places.ts";
import { copyProgram } from "../support/program-copy.ts";
import { ServerProcess } from "../support/server-process.ts";
import { projectKaizen } from "./served.ts";

const onUnix = test.skipIf(process.platform === "win32");
const script = "/usr/bin/script";
const inTerminal = test.runIf(process.platform === "linux" && existsSync(script));

/** The program with a small page in the place of ours. */
function programWithPage(): string {
  const folder = temporaryFolder();
  mkdirSync(join(folder, "page"));
  writeFileSync(join(folder, "page", "page.js"), "let page;");
  writeFileSync(join(folder, "page", "page.css"), "body {}");
  return copyProgram(folder);
}

async function projectWithRuns(): Promise<string> {
  const root = temporaryFolder();
  const kaizen = projectKaizen(root);
  await kaizen.record({ agent: "packer", success: false, error: "cannot open /home/me/secret.pem" });
  await kaizen.record({ agent: "tester", success: true });
  return root;
}

/** No word of this machine says that a browser should not be opened: not of a CI, not of a session over SSH. */
const atHome = { CI: "", SSH_CONNECTION: "", SSH_TTY: "" };

function start(args: readonly string[], program = programWithPage()): ServerProcess {
  return new ServerProcess({ command: process.execPath, args: [program, "dashboard", ...args], env: atHome });
}

async function ended(process: ServerProcess) {
  return { status: await process.exited, stdout: process.lines.join("\n"), stderr: process.stderr };
}

function ask(address: URL, path: string): Promise<{ status: number | undefined; body: string }> {
  return new Promise((resolve, reject) => {
    const { host, port } = address;
    request(
      { host: "127.0.0.1", port, path, headers: { Host: host }, setHost: false, agent: false },
      async (answer) => {
        let body = "";
        for await (const part of answer.setEncoding("utf8")) body += part;
        resolve({ status: answer.statusCode, body });
      },
    )
      .on("error", reject)
      .end();
  });
}

describe("a dashboard that is served", () => {
  onUnix.each(["SIGINT", "SIGTERM"] as const)("has its address as the only line, and ends with %s", async (signal) => {
    const served = start(["packer", "--root", await projectWithRuns()]);
    await served.says(/Ctrl-C/);
    expect(served.lines).toEqual([
      expect.stringMatching(/^http:\/\/[0-9a-f]{24}\.localhost:\d+\/#k=[\w-]{32}&agent\/packer$/),
    ]);
    const address = new URL(served.lines[0] ?? "");
    expect(served.stderr).toContain("No browser is opened: no terminal is there. Open the address");
    expect(served.stderr).toContain(`ssh -N -L ${address.port}:127.0.0.1:${address.port} `);
    expect(await ask(address, "/page.js")).toMatchObject({ status: 200, body: "let page;" });
    served.child.kill(signal);
    expect(await ended(served)).toMatchObject({ status: 0 });
    expect(served.lines).toHaveLength(1);
  });

  test("says so if the port is in use, and under which name it is allowed to be called", async () => {
    const root = await projectWithRuns();
    const first = start(["--root", root, "--no-open", "--allow-host", "Box.example.com"]);
    await first.says(/As box\.example\.com, .*: \/#k=[\w-]{32}/);
    const { port } = new URL(first.lines[0] ?? "");
    const { status, stderr, stdout } = await ended(start(["--root", root, "--port", port]));
    expect([status, stdout]).toEqual([1, ""]);
    expect(stderr).toContain(`Port ${port} is in use already. Name another port, or leave --port out`);
    first.child.kill("SIGKILL");
  });

  inTerminal("is opened by a file that is gone once it was read", async () => {
    const folder = temporaryFolder();
    const [browser, seen] = [join(folder, "browser"), join(folder, "seen")];
    writeFileSync(
      browser,
      `#!/bin/sh\necho "$1" > "${seen}.part"\ncat "$1" >> "${seen}.part"\nmv "${seen}.part" "${seen}"\n`,
    );
    chmodSync(browser, 0o755);
    // Without `exec`, a plain `sh` stands between: it ends with 130 after Ctrl-C, whatever the program ends with.
    const line = `exec ${process.execPath} ${programWithPage()} ui --root ${await projectWithRuns()}`;
    const env = { ...atHome, BROWSER: browser };
    const terminal = new ServerProcess({ command: script, args: ["-qec", line, "/dev/null"], env });
    const shown = () => terminal.lines.join("\n");
    while (!shown().includes("Ctrl-C")) await new Promise((resolve) => terminal.child.stdout.once("data", resolve));
    expect(shown()).toContain("The page is opened in your browser");
    while (!existsSync(seen)) await ask(new URL(/http:\S+/.exec(shown())?.[0] ?? ""), "/");
    const [file = "", ...lines] = readFileSync(seen, "utf8").split("\n");
    const address = new URL(/url=([^"]+)"/.exec(lines.join("\n"))?.[1] ?? "");
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(shown()).not.toContain(address.hash);
    expect(await ask(address, `/session?code=${address.hash.slice(3)}`)).toMatchObject({ status: 200 });
    expect(existsSync(dirname(file))).toBe(false);
    // Ctrl-C, as the terminal understands it.
    terminal.write("\u0003");
    expect(await terminal.exited).toBe(0);
  });

  test.each([
    [["pakker"], 1, 'Nothing has been recorded for "pakker". Did you mean "packer"?'],
    [["--port", "70000"], 2, '--port is "70000"; send a number from 1 to 65535.'],
    [["--allow-host", "*.example.com"], 2, '--allow-host is "*.example.com"; send one name'],
    [["--allow-host", "a:80"], 2, '--allow-host is "a:80"'],
    [["--force"], 2, "--force goes with --out."],
    [["--with-records"], 2, "--with-records goes with --out."],
    [["--out", "a.html", "--port", "1"], 2, "--port does not go with --out."],
    [["--out", "-"], 2, "--out needs the name of a file."],
  ])("is not begun for %j", async (args, status, said) => {
    const ran = await runCommandHere(["dashboard", ...args], { root: await projectWithRuns() });
    expect(ran).toMatchObject({ status, stdout: "", stderr: expect.stringContaining(said) });
  });

  test("needs a project, and says what is missing of the program", async () => {
    expect(await runCommandHere(["dashboard"], { root: join(temporaryFolder(), "none") })).toMatchObject({
      status: 2,
      stderr: expect.stringContaining("there is no folder"),
    });
    const { status, stderr } = await ended(start(["--root", temporaryFolder()], copyProgram(temporaryFolder())));
    expect(status).toBe(1);
    expect(stderr).toContain(join("page", "page.js"));
    expect(stderr).toContain("install it again");
  });
});

test("with --json the model is printed, of all agents or of one, and nothing is served", async () => {
  const root = await projectWithRuns();
  const all = await runCommandHere(["ui", "--json"], { root });
  expect([all.status, all.stderr]).toEqual([0, ""]);
  expect(overviewModelSchema.parse(JSON.parse(all.stdout))).toMatchObject({ agent_count: 2, run_count: 2 });
  const one = await runCommandHere(["dashboard", "packer", "--json"], { root });
  expect(agentModelSchema.parse(JSON.parse(one.stdout))).toMatchObject({ agent: { name: "packer" } });
  const empty = await runCommandHere(["dashboard", "--json"], { root: temporaryFolder() });
  expect(JSON.parse(empty.stdout)).toMatchObject({ agents: [], agent_count: 0 });
});

describe("a dashboard in a file", () => {
  async function out(file: string, ...args: string[]) {
    const root = await projectWithRuns();
    return { root, ...(await ended(start(["--out", file, "--root", root, ...args]))) };
  }

  onUnix("is for its user alone, and has records only if that was asked for", async () => {
    const folder = temporaryFolder();
    const [bare, whole] = [join(folder, "bare.html"), join(folder, "whole.html")];
    expect(await out(bare)).toMatchObject({
      status: 0,
      stdout: `${JSON.stringify(bare)}: 2 agents, with figures, signatures and titles only.`,
      stderr: "",
    });
    const { status, stdout } = await out(whole, "--with-records", "--json");
    expect([status, JSON.parse(stdout)]).toEqual([
      0,
      { file: whole, bytes: statSync(whole).size, agents: 2, with_records: true },
    ]);
    expect(statSync(bare).mode & 0o777).toBe(0o600);
    expect(readFileSync(bare, "utf8")).not.toContain("secret");
    expect(readFileSync(whole, "utf8")).toContain("secret");
    expect(readdirSync(folder).sort()).toEqual(["bare.html", "whole.html"]);
  });

  onUnix("takes the place of another only if that is said, and is for its user alone then too", async () => {
    const file = join(temporaryFolder(), "there.html");
    writeFileSync(file, "mine", { mode: 0o644 });
    expect(await out(file)).toMatchObject({
      status: 2,
      stderr: expect.stringContaining("is there already, and was left as it is. Name another file, or add --force."),
    });
    expect(readFileSync(file, "utf8")).toBe("mine");
    expect(await out(file, "--force")).toMatchObject({ status: 0 });
    expect(readFileSync(file, "utf8")).toContain("<!doctype html>");
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readdirSync(dirname(file))).toEqual(["there.html"]);
  });

  onUnix("is never written through a link", async () => {
    const folder = temporaryFolder();
    const target = join(folder, "target");
    const link = join(folder, "link");
    const dangling = join(folder, "dangling");
    writeFileSync(target, "mine");
    symlinkSync(target, link);
    symlinkSync(join(folder, "none"), dangling);
    for (const file of [link, dangling]) {
      expect(await out(file, "--force")).toMatchObject({ status: 1, stderr: expect.stringContaining("is a link") });
      expect(lstatSync(file).isSymbolicLink()).toBe(true);
    }
    expect(readFileSync(target, "utf8")).toBe("mine");
    expect(existsSync(join(folder, "none"))).toBe(false);
  });

  test.each([".git", ".kaizen"])("is never written into %s", async (name) => {
    const folder = join(temporaryFolder(), name);
    mkdirSync(folder);
    const { status, stderr } = await out(join(folder, "a.html"), "--force");
    expect(status).toBe(2);
    expect(stderr).toContain("own");
    expect(readdirSync(folder)).toEqual([]);
  });

  onUnix.each([
    [() => join(temporaryFolder(), "none", "a.html"), 1, "Make its folder first, or name another place."],
    [() => temporaryFolder(), 2, "which is no plain file."],
    [() => "/dev/null", 2, "which is no plain file."],
  ])("needs a place that can be written to (%#)", async (place, status, said) => {
    expect(await out(place())).toMatchObject({ status, stdout: "", stderr: expect.stringContaining(said) });
  });

  test.runIf(process.platform === "linux")("says so if the folder is read-only", async () => {
    const { status, stderr } = await out("/sys/kaizen.html");
    expect(status).toBe(1);
    expect(stderr).toMatch(/could not be written \((?:EACCES|EPERM|EROFS)\)/);
  });
});
