import { cpSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { openKaizen, openTrust } from "../../src/open-kaizen.ts";
import type { Places } from "./console.ts";
import { writeDemoProject } from "./demo-project.ts";
import { writeEvidentProject, writePastRuns } from "./evident-project.ts";

const DAY_MS = 86_400_000;

/** Chapters whose commands are typed in another project than the demo's. */
const others: Readonly<Record<string, (project: string) => Promise<void>>> = {
  init: async () => {},
  Evidence: writeEvidentProject,
  backfill: writePastRuns,
  "Moving and merging histories": async (project) => {
    const laptop = join(project, "..", "laptop");
    await writeDemoProject(project);
    cpSync(project, laptop, { recursive: true });
    await writeRuns(laptop, "code-reviewer", { daysAgo: 0, runs: 3 });
  },
  prune: async (project) => {
    await writeRuns(project, "release-notes", { daysAgo: 120, runs: 12 });
    await writeRuns(project, "release-notes", { daysAgo: 1, runs: 28 });
  },
};

/** Chapters about the reader's own project; in the others it is a copy, as it is laid out, which nobody has accepted. */
const inOwnProject: readonly string[] = ["Hooks", "doctor", "Trying advice"];

/** Gives what lays out, below a folder, the project that a chapter's commands are typed in. */
export function projectsIn(place: string): (heading: string) => Promise<Places> {
  const demo = join(place, "demo");
  let played: Promise<void> | undefined;
  return async (heading) => {
    const folder = join(place, heading.toLowerCase().replaceAll(" ", "-"));
    const project = join(folder, "project");
    mkdirSync(join(project, ".git"), { recursive: true });
    const write = others[heading];
    if (write === undefined) {
      mkdirSync(demo, { recursive: true });
      played ??= writeDemoProject(demo);
      await played;
      cpSync(demo, project, { recursive: true });
    } else {
      await write(project);
    }
    const home = join(folder, "home");
    mkdirSync(home, { recursive: true });
    if (inOwnProject.includes(heading)) openTrust(project, { HOME: home }).accept();
    return { project, home };
  };
}

/** Runs of a time that is counted from today, for what is about age and shows no times. */
async function writeRuns(projectRoot: string, agent: string, history: { daysAgo: number; runs: number }) {
  const kaizen = openKaizen({ projectRoot, retentionDays: null, onNotice: () => {} });
  const timestamp = new Date(Date.now() - history.daysAgo * DAY_MS).toISOString();
  for (let run = 0; run < history.runs; run += 1) await kaizen.record({ agent, success: true, timestamp });
  await kaizen.close();
}
