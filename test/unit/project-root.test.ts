import { posix, win32 } from "node:path";
import { expect, test } from "vitest";
import { KaizenError } from "../../src/errors.ts";
import { findProjectRoot, type Machine, type ProjectRoot } from "../../src/project-root.ts";

interface World {
  readonly windows?: boolean;
  readonly workingDirectory?: string | undefined;
  readonly home?: string;
  readonly folders?: readonly string[];
  readonly files?: readonly string[];
  readonly links?: Readonly<Record<string, string>>;
}

function machine(world: World): Machine {
  const { dirname } = world.windows ? win32 : posix;
  const folders = new Set<string>();
  for (const start of world.folders ?? []) {
    for (let folder = start; !folders.has(folder); folder = dirname(folder)) folders.add(folder);
  }
  return {
    windows: world.windows ?? false,
    workingDirectory: "workingDirectory" in world ? world.workingDirectory : "/projects",
    home: world.home ?? "/home/me",
    kindOf: (path) => (folders.has(path) ? "folder" : world.files?.includes(path) ? "file" : "missing"),
    realPath: (path) => world.links?.[path] ?? path,
  };
}

const noRoots = async () => [];

async function given(value: string, world: World, source = "--root"): Promise<ProjectRoot | string> {
  return outcome(findProjectRoot({ value, source }, machine(world), noRoots));
}

async function found(world: World, roots: readonly string[] = []): Promise<ProjectRoot | string> {
  return outcome(findProjectRoot(undefined, machine(world), async () => roots));
}

async function outcome(search: Promise<ProjectRoot>): Promise<ProjectRoot | string> {
  try {
    return await search;
  } catch (error) {
    if (error instanceof KaizenError && error.code === "NO_PROJECT") return error.message;
    throw error;
  }
}

test("a setting is taken as it is, relative to the working directory, and the client is not asked", async () => {
  const here = machine({ folders: ["/projects/app"] });
  const asked = async () => {
    throw new Error("asked");
  };
  const root = await findProjectRoot({ value: "app", source: "--root" }, here, asked);
  expect(root).toEqual({ path: "/projects/app", rule: "--root" });
});

test("a folder whose name ends in a space is meant if it is there, else the space is the writer's", async () => {
  const world = { folders: ["/projects/app ", "/projects/other"] };
  expect(await given("/projects/app ", world)).toEqual({ path: "/projects/app ", rule: "--root" });
  expect(await given("/projects/other ", world)).toEqual({ path: "/projects/other", rule: "--root" });
});

test.for([
  ["/projects/app", "/projects/app"],
  ["/projects/app/", "/projects/app"],
  ["file:///projects/app", "/projects/app"],
  ["file:///projects/my%20app", "/projects/my app"],
  ["file://localhost/projects/app", "/projects/app"],
  ["~/app", "/home/me/app"],
  ["/projects/a%20b", "/projects/a%20b"],
  ["/projects/trail ", "/projects/trail "],
  ["file:///projects/trail ", "/projects/trail "],
  ["file:///projects/trail%20", "/projects/trail "],
  ["/projects/app ", "/projects/app"],
  ["file:///projects/app ", "/projects/app"],
  ["/projects/[a]'\"", "/projects/[a]'\""],
])("%s means %s", async ([text, path]) => {
  const folders = [
    "/projects/app",
    "/projects/my app",
    "/home/me/app",
    "/projects/a%20b",
    "/projects/trail ",
    "/projects/[a]'\"",
  ];
  expect(await given(text as string, { folders })).toMatchObject({ path });
});

test.for([
  ["/c%3A/Users/me/app", "C:\\Users\\me\\app"],
  ["/C:/Users/me/app", "C:\\Users\\me\\app"],
  ["/c%3A/Users/me/my%20app", "C:\\Users\\me\\my app"],
  ["file:///C:/Users/me/app", "C:\\Users\\me\\app"],
  ["file:///c%3A/Users/me/app", "C:\\Users\\me\\app"],
  ["C:\\Users\\me\\app", "C:\\Users\\me\\app"],
  ["C:/Users/me/app", "C:\\Users\\me\\app"],
])("on Windows, %s means %s", async ([text, path]) => {
  const folders = ["C:\\Users\\me\\app", "C:\\Users\\me\\my app", "c:\\Users\\me\\app", "c:\\Users\\me\\my app"];
  const root = await given(text as string, { windows: true, workingDirectory: "C:\\", home: "C:\\Users\\me", folders });
  expect(root).toMatchObject({ path: expect.stringMatching(new RegExp(`^${path?.replaceAll("\\", "\\\\")}$`, "i")) });
});

test.for([
  // biome-ignore lint/suspicious/noTemplateCurlyInString: it is what some clients send
  ["${workspaceFolder}", "the client did not replace ${workspaceFolder}. Write the project's full path in its place."],
  // biome-ignore lint/suspicious/noTemplateCurlyInString: it is what some clients send
  ["${env:HOME}/app", "the client did not replace ${env:HOME}. Write the project's full path in its place."],
  ["", "it is empty."],
  ["/", "the top of a file system is no project."],
  ["/projects/..", "the top of a file system is no project."],
  ["/projects/none", "there is no folder /projects/none."],
  ["/projects/file", "that is a file, not a folder."],
  ["file://server/share", "that is not the URI of a folder on this machine."],
  ["https://example.org/app", "only paths and file:// URIs name a folder."],
  ["/c%3A/Users/me/app", "that is a path of Windows."],
])("%j is refused by name", async ([text, why]) => {
  const refusal = await given(text as string, { folders: ["/projects"], files: ["/projects/file"] });
  expect(refusal).toBe(`--root is ${JSON.stringify(text)}: ${why}`);
});

test.for(["C:\\", "/c%3A/", "/c:", "file:///C:/"])("on Windows, the drive %s is refused", async (text) => {
  const world = { windows: true, workingDirectory: "C:\\app", home: "C:\\Users\\me", folders: ["C:\\", "c:\\"] };
  expect(await given(text, world)).toMatch(/the top of a file system is no project\.$/);
});

test("a setting that cannot be a project is an error, and no lower rule takes its place", async () => {
  const world = { folders: ["/projects/.git"] };
  expect(await given("/none", world, "CLAUDE_PROJECT_DIR")).toBe(
    'CLAUDE_PROJECT_DIR is "/none": there is no folder /none.',
  );
});

test("the home folder is a project only where somebody wrote so, also behind a link", async () => {
  const world = { folders: ["/home/me"], links: { "/home/link": "/home/me" } };
  expect(await given("/home/me", world)).toEqual({ path: "/home/me", rule: "--root" });
  expect(await given("/home/me", world, "CLAUDE_PROJECT_DIR")).toMatch(
    /the home folder is taken for a project only where/,
  );
  const linked = { ...world, folders: ["/home/me", "/home/link"] };
  expect(await given("/home/link", linked, "CLAUDE_PROJECT_DIR")).toMatch(/the home folder is taken/);
});

test("of the client's roots, one with .kaizen goes before the first", async () => {
  const folders = ["/a", "/b/.kaizen", "/projects/.git"];
  expect(await found({ folders }, ["file:///a", "file:///b"])).toEqual({ path: "/b", rule: "a root of the client" });
  expect(await found({ folders }, ["file:///a"])).toEqual({ path: "/a", rule: "a root of the client" });
});

test("roots that cannot be a project are passed over, and named where nothing else is found", async () => {
  const roots = ["file:///", "file:///home/me", "vscode-remote://host/app"];
  expect(await found({ folders: ["/home/me", "/projects/.git"] }, roots)).toMatchObject({ path: "/projects" });
  expect(await found({ folders: ["/home/me", "/projects"] }, roots)).toMatchInlineSnapshot(
    `"a root of the client is "file:///": the top of a file system is no project. a root of the client is "file:///home/me": the home folder is taken for a project only where --root or KAIZEN_PROJECT_ROOT says so. a root of the client is "vscode-remote://host/app": only paths and file:// URIs name a folder. No folder upwards from /projects is a project: none holds .kaizen or .git (your home folder and / are not used)."`,
  );
});

test.for([
  ["file:///a/", "/a"],
  ["file:/a", "/a"],
  ["file://localhost/a", "/a"],
  ["file:///with%20space/", "/with space"],
  ["/a/", "/a"],
])("a root %s is %s", async ([uri, path]) => {
  expect(await found({ folders: ["/a", "/with space"] }, [uri as string])).toMatchObject({ path });
});

test("a root that is no whole path is not looked for where the server was started", async () => {
  const world = { folders: ["/projects/.git", "/projects/src", "/projects/untitled:Untitled-1"] };
  const root = await found(world, [".", "src", "~", "untitled:Untitled-1", "vscode-vfs://github/o/r"]);
  expect(root).toMatchObject({ path: "/projects", rule: "nearest folder upwards with .git" });
});

test("a root is chosen beside many that are of no use, and those are named, each once", async () => {
  const useless = Array.from({ length: 200 }, (_, index) => `untitled:${index}`);
  expect(await found({ folders: ["/a"] }, [...useless, ...useless, "file:///a"])).toMatchObject({
    path: "/a",
    passedOver: [
      ...useless
        .slice(0, 5)
        .map((uri) => `a root of the client is "${uri}": only paths and file:// URIs name a folder.`),
      "195 more of the client's roots cannot be a project.",
    ],
  });
});

test("on Windows, roots are drives and shares", async () => {
  const world = {
    windows: true,
    workingDirectory: "C:\\app",
    home: "C:\\Users\\me",
    folders: ["D:\\work", "\\\\server\\share\\x"],
  };
  expect(await found(world, ["untitled:1", "file:///D%3A/work/"])).toMatchObject({ path: "D:\\work" });
  expect(await found(world, ["/D%3A/work"])).toMatchObject({ path: "D:\\work" });
  expect(await found(world, ["D:\\work"])).toMatchObject({ path: "D:\\work" });
  expect(await found(world, ["file://server/share/x"])).toMatchObject({ path: "\\\\server\\share\\x" });
});

test("why a path is refused steers no terminal, and is one line", async () => {
  const refusal = await given("file:///a%1b[2J%0ab%c2%9b", {});
  expect(refusal).toBe('--root is "file:///a%1b[2J%0ab%c2%9b": there is no folder /a?[2J?b?.');
});

test("upwards, the nearest .kaizen goes before a nearer .git", async () => {
  const folders = ["/projects/.kaizen", "/projects/app/.git", "/projects/app/src"];
  expect(await found({ folders, workingDirectory: "/projects/app/src" })).toEqual({
    path: "/projects",
    rule: "nearest folder upwards with .kaizen",
  });
  expect(await found({ folders: folders.slice(1), workingDirectory: "/projects/app/src" })).toEqual({
    path: "/projects/app",
    rule: "nearest folder upwards with .git",
  });
});

test("a linked work tree, whose .git is a file, is a project; a .kaizen that is a file is none", async () => {
  expect(await found({ folders: ["/projects"], files: ["/projects/.git"] })).toMatchObject({ path: "/projects" });
  expect(await found({ folders: ["/projects"], files: ["/projects/.kaizen"] })).toMatch(
    /No folder upwards from \/projects/,
  );
});

test("the search stops below the home folder and the top", async () => {
  const folders = ["/.git", "/home/me/.kaizen", "/home/me/.git", "/home/me/notes", "/srv/x"];
  expect(await found({ folders, workingDirectory: "/home/me/notes" })).toMatch(
    /^No folder upwards from \/home\/me\/notes /,
  );
  expect(await found({ folders, workingDirectory: "/home/me" })).toMatch(/^No folder upwards/);
  expect(await found({ folders, workingDirectory: "/srv/x" })).toMatch(/^No folder upwards/);
  expect(await found({ folders, workingDirectory: "/" })).toMatch(/^No folder upwards/);
});

test("a working directory that is gone is no reason to fall over", async () => {
  const world = { workingDirectory: undefined, folders: ["/a"] };
  expect(await found(world)).toMatch(/^No folder upwards from a working directory that is gone/);
  expect(await given("/a", world)).toMatchObject({ path: "/a" });
});
