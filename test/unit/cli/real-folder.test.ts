import { closeSync, constants, mkdirSync, readdirSync, renameSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { doAllOrNothing } from "../../../src/cli/clients/files/all-or-nothing.ts";
import { clients } from "../../../src/cli/clients/index.ts";
import { planFor } from "../../../src/cli/init/plan.ts";
import type { OpenFolder } from "../../../src/cli/input/open-folder.ts";
import { realFolder, withFolder } from "../../../src/cli/input/real-folder.ts";
import { temporaryFolder } from "../../support/places.ts";

function places(): { root: string; outside: string } {
  const folder = temporaryFolder();
  const [root, outside] = [join(folder, "root"), join(folder, "outside")];
  for (const path of [join(root, "below"), outside]) mkdirSync(path, { recursive: true });
  return { root, outside };
}

/** What a writer beside us may do at any moment. */
function exchange(path: string, outside: string): void {
  renameSync(path, `${path}.away`);
  symlinkSync(outside, path);
}

const CREATE = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL;

function write(folder: OpenFolder, name: string): void {
  const fd = folder.open(name, CREATE);
  writeFileSync(fd, "text");
  closeSync(fd);
}

describe.each([
  ["open folders", {}],
  ["paths that are looked up again", { descriptors: "" }],
])("writing below a folder, by %s", (_, how) => {
  test("makes what is missing, and says what it has made", () => {
    const { root } = places();
    withFolder(realFolder(root), join(root, "a", "b"), { ...how, make: true }, (folder) => {
      write(folder, "file");
      folder.rename("file", "renamed");
      expect(folder.made).toBe(join(root, "a"));
    });
    expect(readdirSync(join(root, "a", "b"))).toEqual(["renamed"]);
  });

  test("refuses a link on the way, also one that was put there meanwhile", () => {
    const { outside, root } = places();
    const real = realFolder(root);
    exchange(join(root, "below"), outside);
    for (const path of [join(root, "below"), join(root, "below", "new")]) {
      expect(() => withFolder(real, path, { ...how, make: true }, (folder) => write(folder, "file"))).toThrow(
        expect.objectContaining({ code: "UNSAFE_PATH" }),
      );
    }
    expect(readdirSync(outside)).toEqual([]);
  });

  test("never leads out where the folder is exchanged while it is open", () => {
    const { outside, root } = places();
    const attempts: ((folder: OpenFolder) => void)[] = [
      (folder) => write(folder, "file"),
      (folder) => folder.rename("there", "file"),
      (folder) => folder.makeFolder("file"),
      (folder) => folder.removeFile("there"),
      (folder) => folder.removeFolder("empty"),
    ];
    for (const [index, attempt] of attempts.entries()) {
      const path = join(root, `below${index}`);
      for (const folder of [path, outside]) {
        mkdirSync(join(folder, "empty"), { recursive: true });
        writeFileSync(join(folder, "there"), "");
      }
      try {
        withFolder(realFolder(root), path, how, (folder) => {
          exchange(path, outside);
          attempt(folder);
        });
      } catch (error) {
        expect(error).toMatchObject({ code: "UNSAFE_PATH" });
      }
      expect(readdirSync(outside).sort()).toEqual(["empty", "there"]);
    }
  });

  test("refuses a root that is another folder by now, and what lies outside of it", () => {
    const { outside, root } = places();
    const real = realFolder(root);
    expect(() => withFolder(real, outside, how, () => {})).toThrow("is outside of");
    expect(() => withFolder(real, `${root}side`, how, () => {})).toThrow("is outside of");
    renameSync(root, `${root}.away`);
    mkdirSync(root);
    expect(() => withFolder(real, root, how, () => {})).toThrow("was exchanged for another one");
  });
});

test.each(clients.filter(({ paste }) => paste === undefined).map(({ name }) => name))(
  "a folder of %s that becomes a link between the plan and the writing is refused",
  (name) => {
    const { outside, root } = places();
    const client = clients.find((known) => known.name === name);
    if (client === undefined) throw new Error(name);
    const launch = { kind: "file", path: "/opt/kaizen-metrics/dist/main.js" } as const;
    const setup = { launch, project: root, windows: false, withHooks: true, flags: [] };
    const folder =
      client
        .parts(setup)
        .find(({ file }) => file.includes("/"))
        ?.file.split("/")[0] ?? "";
    mkdirSync(join(root, folder));
    const plan = planFor([{ client, setup }], setup.project, { mode: "add", force: true });
    exchange(join(root, folder), outside);
    expect(() => doAllOrNothing(plan)).toThrow(expect.objectContaining({ code: "UNSAFE_PATH" }));
    // What comes too late to be seen beforehand is refused by the writing itself.
    const late = plan.filter(({ file }) => file.startsWith(folder));
    for (const step of late) expect(() => step.carryOut()).toThrow(expect.objectContaining({ code: "UNSAFE_PATH" }));
    expect(readdirSync(outside)).toEqual([]);
    expect(readdirSync(root).sort()).toEqual([folder, `${folder}.away`, "below"].sort());
  },
);
