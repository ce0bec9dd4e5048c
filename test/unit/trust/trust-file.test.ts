import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { statePlace } from "../../../src/trust/state-folder.ts";
import { storeTrustOnThisMachine, trustOnThisMachine } from "../../../src/trust/this-machine.ts";
import { temporaryFolder } from "../../support/places.ts";

/** A project and a place for the trust file, with what the store would do where a mark is to be made. */
function world() {
  const folder = temporaryFolder();
  const root = join(folder, "project");
  const state = join(folder, "state");
  mkdirSync(root);
  const prepare = () => mkdirSync(join(root, ".kaizen/metrics/.locks"), { recursive: true });
  const trust = (environment: Record<string, string | undefined> = { XDG_STATE_HOME: state }) =>
    trustOnThisMachine(root, prepare, environment);
  const put = (path: string, text: string) => {
    mkdirSync(join(root, path, ".."), { recursive: true });
    writeFileSync(join(root, path), text);
  };
  return { folder, root, state, file: join(state, "kaizen-metrics/trust.json"), trust, put, prepare };
}

const LOG = ".kaizen/metrics/coder/executions.jsonl";
const MARKS = process.geteuid === undefined ? "root-id" : `root-id-${process.geteuid()}`;
const content = (file: string) => JSON.parse(readFileSync(file, "utf8"));

describe("where the file is", () => {
  test.each([
    [{ XDG_STATE_HOME: "/s", HOME: "/h" }, false, "/s/kaizen-metrics"],
    [{ XDG_STATE_HOME: "", HOME: "/h" }, false, "/h/.local/state/kaizen-metrics"],
    [{ XDG_STATE_HOME: "in/the/project", HOME: "/h" }, false, "/h/.local/state/kaizen-metrics"],
    [{ HOME: "." }, false, undefined],
    [{}, false, undefined],
    [
      { LOCALAPPDATA: "C:\\Users\\a\\AppData\\Local", HOME: "/h" },
      true,
      "C:\\Users\\a\\AppData\\Local\\kaizen-metrics",
    ],
    [{ HOME: "/h" }, true, undefined],
  ])("%o (Windows: %s) is %s", (environment, windows, folder) => {
    expect(statePlace(environment, windows)?.folder).toBe(folder);
  });
});

describe("a store", () => {
  test("that held nothing is this user's own, and what comes later changes nothing", () => {
    const { file, put, trust } = world();
    expect(trust().state()).toEqual({ kind: "new" });
    expect(trust().claim()).toBe(true);
    expect(trust().claim()).toBe(false);
    put(LOG, "{}\n");
    expect(trust().state()).toEqual({ kind: "written_here", since: expect.stringMatching(/^\d{4}-.*Z$/) });
    expect(content(file).roots).toHaveLength(1);
    if (process.platform === "win32") return;
    expect(lstatSync(file).mode & 0o777).toBe(0o600);
    expect(lstatSync(join(file, "..")).mode & 0o777).toBe(0o700);
  });

  test.each([
    ["a log", (put: ReturnType<typeof world>["put"]) => put(LOG, "{}\n")],
    [
      "advice",
      (put: ReturnType<typeof world>["put"]) => put(".kaizen/metrics/optimizer/recommendations.jsonl", "{}\n"),
    ],
    ["any file", (put: ReturnType<typeof world>["put"]) => put(".kaizen/metrics/README.md", "x")],
  ])("that held %s before the first write is foreign", (_, write) => {
    const { file, put, trust } = world();
    write(put);
    expect(trust().claim()).toBe(false);
    expect(trust().state()).toEqual({ kind: "foreign" });
    expect(existsSync(file)).toBe(false);
  });

  test("that is reached through a link is never anybody's own", () => {
    const { folder, root, trust } = world();
    mkdirSync(join(folder, "elsewhere/metrics"), { recursive: true });
    symlinkSync(join(folder, "elsewhere"), join(root, ".kaizen"));
    expect(trust().claim()).toBe(false);
    expect(trust().state().kind).toBe("foreign");
  });

  test("that was accepted is trusted until that is taken back", () => {
    const { put, trust } = world();
    put(LOG, "{}\n");
    trust().accept();
    expect(trust().state().kind).toBe("accepted");
    expect(trust().revoke()).toBe(true);
    expect(trust().state()).toEqual({ kind: "foreign" });
    expect(trust().revoke()).toBe(false);
    expect(trust().claim()).toBe(false);
  });

  test("is trusted by each of one user's trust files for itself, and none takes that of another away", () => {
    const { folder, put, root, trust } = world();
    const homes = Array.from({ length: 3 }, (_, index) => ({ XDG_STATE_HOME: join(folder, `state ${index}`) }));
    const kinds = () => homes.map((home) => trust(home).state().kind);
    expect(trust(homes[0]).claim()).toBe(true);
    put(LOG, "{}\n");
    expect(kinds()).toEqual(["written_here", "foreign", "foreign"]);
    trust(homes[1]).accept();
    const secret = trust(homes[1]).secretFor("snapshots");
    expect(kinds()).toEqual(["written_here", "accepted", "foreign"]);
    trust(homes[2]).accept();
    trust(homes[2]).accept();
    expect(kinds()).toEqual(["written_here", "accepted", "accepted"]);
    expect(trust(homes[1]).secretFor("snapshots")).toEqual(secret);
    trust(homes[1]).revoke();
    expect(kinds()).toEqual(["written_here", "foreign", "accepted"]);
    const marks = join(root, ".kaizen/metrics/.locks", MARKS);
    expect(readFileSync(marks, "utf8").trim().split("\n")).toHaveLength(3);
    // Marks that nothing here knows trust nothing, and however many come, one more finds its place.
    writeFileSync(marks, `${"0".repeat(32)}\n`.repeat(32));
    expect(kinds()).toEqual(["foreign", "foreign", "foreign"]);
    trust(homes[0]).accept();
    expect(kinds()).toEqual(["accepted", "foreign", "foreign"]);
    writeFileSync(marks, "0".repeat(100_000));
    trust(homes[0]).accept();
    expect(kinds()).toEqual(["accepted", "foreign", "foreign"]);
  });

  test("has a team's store confirmed by each trust file, whatever another accepts later", () => {
    const { folder, prepare, put, root, trust } = world();
    put(LOG, "{}\n");
    const homes = ["a", "b"].map((name) => ({ XDG_STATE_HOME: join(folder, name) }));
    const store = { hosts: ["h:5432"], database: "d", schema: "kaizen", project: "p", tls: true };
    const stores = homes.map((home) => storeTrustOnThisMachine(root, prepare, home));
    for (const one of stores) one.confirm(store);
    for (const one of stores) one.confirm({ ...store, database: "e" });
    for (const home of homes) trust(home).accept();
    expect(stores.map((one) => one.confirmed()?.database)).toEqual(["e", "e"]);
    expect(homes.map((home) => content(join(home.XDG_STATE_HOME, "kaizen-metrics/trust.json")).stores.length)).toEqual([
      1, 1,
    ]);
  });

  test("keeps its trust where the folder is moved, and loses it to another in its place", () => {
    const { folder, prepare, put, root, state, trust } = world();
    put(LOG, "{}\n");
    trust().accept();
    const moved = join(folder, "moved");
    renameSync(root, moved);
    const environment = { XDG_STATE_HOME: state };
    expect(trustOnThisMachine(moved, prepare, environment).state().kind).toBe("accepted");
    put(LOG, "{}\n");
    expect(trust().state()).toEqual({ kind: "foreign" });
    // Also where the mark got into the clone, and where a path is taken that another had.
    const path = `.kaizen/metrics/.locks/${MARKS}`;
    put(path, readFileSync(join(moved, path), "utf8"));
    expect(trust().state()).toEqual({ kind: "foreign" });
    rmSync(join(root, ".kaizen"), { recursive: true });
    expect(trust().claim()).toBe(true);
    expect(trustOnThisMachine(moved, prepare, environment).state().kind).toBe("accepted");
  });
});

describe("the file", () => {
  test("keeps what a newer version has added", () => {
    const { file, put, trust } = world();
    put(LOG, "{}\n");
    trust().accept();
    const known = content(file);
    const newer = { ...known, later: 1, roots: [{ ...known.roots[0], verification: "npm test" }, { odd: true }] };
    writeFileSync(file, JSON.stringify(newer));
    expect(trust().state().kind).toBe("accepted");
    trust().accept();
    expect(content(file)).toMatchObject({ later: 1, roots: expect.arrayContaining([{ odd: true }]) });
    expect(trust().secretFor("snapshots")).toHaveLength(32);
  });

  test.each([
    ["no JSON", "{"],
    ["of a later form", '{"version": 2, "roots": []}'],
  ])("that is %s counts as none, and stays as it is", (_, text) => {
    const { file, put, trust } = world();
    put(LOG, "{}\n");
    trust().accept();
    writeFileSync(file, text);
    expect(trust().state()).toMatchObject({ kind: "foreign", problem: expect.stringContaining(file) });
    expect(() => trust().accept()).toThrow(/What this machine trusts was not changed/);
    expect(readFileSync(file, "utf8")).toBe(text);
    expect(existsSync(`${file}.new`)).toBe(false);
  });

  test.skipIf(process.platform === "win32")("that others may write to, or that is a link, is not believed", () => {
    const { file, put, state, trust } = world();
    put(LOG, "{}\n");
    trust().accept();
    chmodSync(file, 0o620);
    expect(trust().state()).toMatchObject({ kind: "foreign", problem: expect.stringContaining("others may write") });
    chmodSync(file, 0o600);
    renameSync(file, `${file}-2`);
    symlinkSync(`${file}-2`, file);
    expect(trust().state().kind).toBe("foreign");
    renameSync(`${file}-2`, file);
    expect(trust().state().kind).toBe("accepted");
    const folder = join(state, "kaizen-metrics");
    renameSync(folder, join(state, "other"));
    symlinkSync(join(state, "other"), folder);
    expect(trust().state()).toMatchObject({ kind: "foreign", problem: expect.stringContaining("no folder") });
    expect(() => trust().accept()).toThrow(/no folder/);
  });

  test("in the project itself is not believed, whatever the environment says", () => {
    const { folder, put, root, trust } = world();
    put(LOG, "{}\n");
    symlinkSync(root, join(folder, "link"));
    for (const inside of [join(root, "state"), join(folder, "link", "state"), join(folder, "link")]) {
      const environment = { XDG_STATE_HOME: inside };
      expect(() => trust(environment).accept()).toThrow(/lies in the project itself/);
      expect(trust(environment).state()).toMatchObject({ kind: "foreign", problem: expect.any(String) });
      expect(existsSync(join(inside, "kaizen-metrics/trust.json"))).toBe(false);
    }
  });

  test("is given up where there is no home, and where the home is missing", () => {
    const { folder, put, trust } = world();
    put(LOG, "{}\n");
    for (const environment of [{}, { HOME: join(folder, "missing") }]) {
      expect(trust(environment).state().kind).toBe("foreign");
      expect(trust(environment).claim()).toBe(false);
      expect(trust(environment).snapshotSecret({ toWrite: true })).toBeUndefined();
      expect(() => trust(environment).accept()).toThrow(/What this machine trusts was not changed/);
    }
    expect(existsSync(join(folder, "missing"))).toBe(false);
  });

  test("goes on where a process was killed in the middle of it", () => {
    const { file, put, trust } = world();
    put(LOG, "{}\n");
    mkdirSync(join(file, ".."), { recursive: true, mode: 0o700 });
    writeFileSync(`${file}.new`, "");
    const anHourAgo = Date.now() / 1000 - 3600;
    utimesSync(`${file}.new`, anHourAgo, anHourAgo);
    trust().accept();
    expect(trust().state().kind).toBe("accepted");
  });
});

describe("a secret", () => {
  test("is the root's, the same each time, and goes with its trust", () => {
    const { put, trust } = world();
    put(LOG, "{}\n");
    expect(trust().secretFor("snapshots")).toBeUndefined();
    trust().accept();
    const secret = trust().secretFor("snapshots");
    expect(secret).toHaveLength(32);
    expect(trust().secretFor("snapshots")).toEqual(secret);
    expect(trust().snapshotSecret({ toWrite: false })).toEqual(secret);
    trust().revoke();
    trust().accept();
    expect(trust().secretFor("snapshots")).not.toEqual(secret);
  });

  test("for the snapshots of a root that is not trusted is made when the first is written", () => {
    const { put, trust } = world();
    put(LOG, "{}\n");
    expect(trust().snapshotSecret({ toWrite: false })).toBeUndefined();
    const secret = trust().snapshotSecret({ toWrite: true });
    expect(secret).toHaveLength(32);
    expect(trust().snapshotSecret({ toWrite: false })).toEqual(secret);
    expect(trust().state().kind).toBe("foreign");
  });
});
