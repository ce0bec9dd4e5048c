import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { findGit, findProgram, safePath, searchOf } from "../../../src/evidence/git/find-program.ts";
import { temporaryFolder } from "../../support/places.ts";
import { writeProgram } from "./repository.ts";

const PROGRAM = "#!/bin/sh\n";

test("the first program on the PATH that is none of the project's", () => {
  const base = temporaryFolder();
  const project = join(base, "project");
  const inProject = ["bin", "node_modules/.bin", "a/b"].map((name) => join(project, name));
  for (const folder of inProject) writeProgram(join(folder, "gh"), PROGRAM);
  const ofOthers = join(base, "node_modules/.bin");
  writeProgram(join(ofOthers, "gh"), PROGRAM);
  symlinkSync(join(project, "bin"), join(base, "link"));
  mkdirSync(join(base, "linked"));
  symlinkSync(join(project, "bin/gh"), join(base, "linked/gh"));
  const [first, second] = [writeProgram(join(base, "one/gh"), PROGRAM), writeProgram(join(base, "two/gh"), PROGRAM)];
  const entries = [
    "",
    ".",
    "bin",
    "../one",
    ...inProject,
    project,
    ofOthers,
    join(base, "link"),
    join(base, "linked"),
    join(base, "one"),
    join(base, "two"),
  ];
  const search = { path: entries.join(":"), windows: false, outside: [project] };
  expect(findProgram("gh", search)).toBe(first);
  expect(findProgram("gh", { ...search, path: join(base, "two") })).toBe(second);
  expect(safePath(search)).toBe(["linked", "one", "two"].map((name) => join(base, name)).join(":"));
  expect(findProgram("glab", search)).toBeUndefined();
  expect(findProgram("gh", { ...search, path: undefined })).toBeUndefined();
  expect(findProgram("../one/gh", { ...search, path: join(base, "two") })).toBeUndefined();
});

test("a folder that only begins as the project is called is none of it", () => {
  const base = temporaryFolder();
  const program = writeProgram(join(base, "project-tools/gh"), PROGRAM);
  const search = { path: join(base, "project-tools"), windows: false, outside: [join(base, "project")] };
  expect(findProgram("gh", search)).toBe(program);
});

test("what cannot be started is passed over", () => {
  const base = temporaryFolder();
  mkdirSync(join(base, "a/gh"), { recursive: true });
  mkdirSync(join(base, "b"));
  writeFileSync(join(base, "b/gh"), PROGRAM, { mode: 0o644 });
  const program = writeProgram(join(base, "c/gh"), PROGRAM);
  const path = ["a", "b", "c"].map((name) => join(base, name)).join(":");
  expect(findProgram("gh", { path, windows: false, outside: [] })).toBe(program);
});

test("on Windows a program is looked up with an extension that starts it, and never by its bare name", () => {
  const search = { windows: true, outside: ["C:\\project"] };
  const path = 'bin;.;C:\\project\\bin;C:\\node_modules\\.bin;"C:\\Program Files\\Git\\cmd";\\rooted';
  expect(safePath({ ...search, path })).toBe("C:\\Program Files\\Git\\cmd;\\rooted");
  expect(findProgram("git", { ...search, path })).toBeUndefined();
});

test("nothing is taken from the outermost repository around a folder, if that is not the home folder", () => {
  const home = temporaryFolder();
  for (const folder of ["bin", ".git", "code/outer/.git", "code/outer/bin", "code/outer/packages/inner/.git"]) {
    mkdirSync(join(home, folder), { recursive: true });
  }
  const outer = join(home, "code/outer");
  for (const bin of [join(home, "bin"), join(outer, "bin")]) writeProgram(join(bin, "git"), PROGRAM);
  const env = { HOME: home, PATH: `${outer}/bin:${home}/bin`, OTHER: "kept" };
  expect(searchOf(env, join(outer, "packages/inner")).outside).toContain(outer);
  expect(findGit(env, join(outer, "packages/inner"))).toEqual({
    program: `${home}/bin/git`,
    env: { ...env, PATH: `${home}/bin` },
  });
  expect(findGit({ ...env, PATH: `${outer}/bin` }, outer)).toBeUndefined();
});

test("Windows calls its PATH as it likes", () => {
  expect(searchOf({ Path: "C:\\a", PATHEXT: ".EXE" }, "/", "win32")).toMatchObject({
    path: "C:\\a",
    pathExt: ".EXE",
    windows: true,
  });
});
