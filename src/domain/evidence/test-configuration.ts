import type { Command } from "./commands/command-line.ts";
import { withoutPlace } from "./commands/shell-edit.ts";

/** Files that decide which tests a command runs, and how: by name, and by folder for CI. */
const names =
  /^(?:package\.json|(?:vitest|vite|jest|karma|playwright|cypress|ava|wdio)\.(?:config|workspace|conf)(?:\.\w{1,10}){1,3}|\.mocharc(?:\.\w{1,6})?|pytest\.ini|pyproject\.toml|tox\.ini|setup\.cfg|noxfile\.py|\.rspec|phpunit\.xml(?:\.dist)?|nextest\.toml|GNUmakefile|[Mm]akefile|[Jj]ustfile|Taskfile\.ya?ml|\.gitlab-ci\.ya?ml|Jenkinsfile|azure-pipelines\.ya?ml|bitbucket-pipelines\.ya?ml|\.travis\.ya?ml)$/;
const folders = /(?:^|\/)(?:\.github\/(?:workflows|actions)|\.circleci|\.buildkite|\.gitlab)\/[^/]/;

export function decidesTests(path: string): boolean {
  const plain = path.replaceAll("\\", "/");
  return names.test(plain.slice(plain.lastIndexOf("/") + 1)) || folders.test(plain);
}

const installed =
  /^(?:package-lock\.json|npm-shrinkwrap\.json|yarn\.lock|pnpm-lock\.yaml|bun\.lockb?|\.npmrc|\.yarnrc(?:\.yml)?|poetry\.lock|uv\.lock|Pipfile(?:\.lock)?|requirements[\w.-]{0,40}\.txt|conftest\.py|Cargo\.(?:toml|lock)|go\.(?:mod|sum)|Gemfile(?:\.lock)?|composer\.(?:json|lock)|pom\.xml|build\.gradle(?:\.kts)?|gradle\.lockfile)$/;

/** Whether a file also decides what a check installs and starts: then what the check says is not of the code alone. */
export function decidesCheck(path: string): boolean {
  return decidesTests(path) || installed.test(path.slice(path.lastIndexOf("/") + 1));
}

const ownFolder = /(?:^|[\s"'`=/\\(])\.kaizen(?:[\s"'`/\\);,]|$)/;

export function isInOwnFolder(path: string): boolean {
  return ownFolder.test(path);
}

/** What only reads. This program writes there by itself, and is asked to. */
const readers =
  /^(?:cat|bat|ls|tree|head|tail|less|more|wc|grep|rg|jq|stat|file|du|diff|echo|printf|cd|pwd|test|\[|kaizen-metrics)$/;
const gitReaders = /^(?:status|log|diff|show|check-ignore|ls-files|blame|add|commit)$/;

/** Whether a command may have written below `.kaizen`: it names that folder, and is none that only reads. */
export function touchesOwnFolder({ heredoc, words: [program = "", ...args], writes }: Command): boolean {
  if (writes.some(isInOwnFolder)) return true;
  const isReader = program === "git" ? gitReaders.test(withoutPlace(args)[0] ?? "") : readers.test(program);
  return !isReader && (args.some(isInOwnFolder) || ownFolder.test(heredoc));
}
