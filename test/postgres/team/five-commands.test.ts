import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { describe, expect, test } from "vitest";
import { blocks, chapters, pages } from "../../readme/page.ts";
import { cleanEnvironment } from "../../support/command.ts";
import { temporaryFolder } from "../../support/places.ts";
import { Machine } from "../../support/postgres/machine.ts";
import { teamStore } from "../../support/postgres/place.ts";
import { addressAndPassword } from "../../support/postgres/team-project.ts";
import { bundle } from "../../support/server-process.ts";

// What the manual tells a team to type is typed, with the address of a real server in the place of the reader's.

const { address, password } = addressAndPassword();
const host = /@([^/]*)/.exec(address)?.[1] ?? "";

const page = chapters(pages.find(({ path }) => path === "src/manual/team.md")?.text);

/** The lines of a block in the manual, as one reader types them. */
function typed(heading: string, index = 0): string {
  const text = page.find((one) => one.heading === heading)?.text ?? "";
  return (blocks(text, "sh")[index] ?? "").replaceAll("db.acme.dev", host);
}

/** A folder with the program under its name. */
function programFolder(): string {
  const folder = temporaryFolder();
  const program = join(folder, "kaizen-metrics");
  writeFileSync(program, `#!/bin/sh\nexec "${process.execPath}" "${bundle}" "$@"\n`);
  chmodSync(program, 0o755);
  return folder;
}

function shell(script: string, cwd: string, env: Readonly<Record<string, string | undefined>>): string {
  const PATH = `${programFolder()}${delimiter}${process.env.PATH}`;
  const options = { cwd, env: cleanEnvironment({ ...env, PATH }), encoding: "utf8", stdio: "pipe" } as const;
  return execFileSync("sh", ["-ec", script], options);
}

describe.skipIf(teamStore === undefined || process.env.KAIZEN_TEST_STORE || process.platform === "win32")(
  "the manual",
  () => {
    test("takes a team from nothing to one history in five commands, and CI into it", async () => {
      const folder = temporaryFolder();
      const [home, project] = [join(folder, "home"), join(folder, "api")];
      for (const one of [home, project]) mkdirSync(one);
      writeFileSync(join(home, ".gitconfig"), "[user]\n\tname = ann\n\temail = ann@localhost\n");
      const env = { HOME: home, GIT_CONFIG_NOSYSTEM: "1", PGPASSWORD: password };
      shell("git init -q; kaizen-metrics record coder --success; kaizen-metrics record coder --failure", project, env);

      const commands = typed("Five commands").trim().split("\n");
      expect([...commands, typed("Five commands", 1).trim()]).toHaveLength(5);
      const said = shell(commands.join("\n"), project, env);
      expect(said).toContain("the tables were made");
      expect(said).not.toContain("may not make the roles");
      expect(said).toContain("Commit .kaizen/store.json and .gitignore.");
      expect(said).toContain("2 added");
      expect(shell("git status --porcelain", project, env)).toBe("");

      // Everybody else has a clone, and a login that was made as the page says.
      const bobs = { address: `postgres://bob@${host}/metrics`, password, project: "acme/api", origin: project };
      const bob = new Machine(temporaryFolder(), { ...bobs, hasMarker: false });
      expect((await bob.here(["summary", "coder"])).stderr).toContain("kaizen-metrics store trust");
      const [, ...confirm] = typed("Five commands", 1).trim().split(" ");
      expect((await bob.here(confirm, { typed: "y\n" })).stdout).toContain("Confirmed: ");
      expect((await bob.here(["record", "coder", "--success"])).status).toBe(0);
      const summary = "kaizen-metrics summary coder";
      const onAnns = shell(summary, project, { ...env, KAIZEN_STORE: `postgres://ann@${host}/metrics` });
      expect(onAnns).toContain("Runs           3");
      expect((await bob.here(["summary", "coder"])).stdout).toBe(onAnns);

      const build = new Machine(temporaryFolder(), {
        ...bobs,
        address: `postgres://build@${host}/metrics`,
        hasMarker: false,
      });
      const script = `GITHUB_SHA=$(git rev-parse HEAD)\n${typed("In CI")}`;
      expect(shell(script, build.root, build.env)).toContain("decides no run");
    });
  },
);
