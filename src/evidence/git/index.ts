// What hooks and the dashboard need of git, in one file of the bundle: Node takes longer to find a file more than to compile one.

export { withCommits } from "./commits.ts";
export { findGit, findProgram, safeEnvironment, searchOf } from "./find-program.ts";
export { markOf } from "./marks.ts";
export { snapshotOf } from "./snapshot.ts";
