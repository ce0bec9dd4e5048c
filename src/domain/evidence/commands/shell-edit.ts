import type { Command, CommandLine } from "./command-line.ts";
import { patchedPaths } from "./patched-paths.ts";
import { kindOf } from "./runners.ts";

/** Files that a command wrote to, so far as its words say which. */
interface ShellEdit {
  readonly paths: readonly string[];
}

const source =
  /\.(?:pyx?|[cm]?[jt]sx?|go|rs|java|kts?|c|cc|cpp|h|hpp|cs|rb|php|swift|scala|sh|sql|html|s?css|vue|svelte|toml|cfg|ini|json|ya?ml|xml|gradle|mod|lock|txt|rst|md|exs?|erl|dart|zig|lua|pl|R|jl)$/;
/** What an agent writes to find something out. */
const scratchName = /^(?:repro|debug|scratch|tmp|temp|demo)[\w.-]{0,100}$/i;
const temporaryFolder = /^(?:\/private)?\/(?:tmp|var\/tmp|var\/folders|dev)(?:\/|$)|^\$\{?(?:TMP|TMPDIR|TEMP)\b/;
const changesFiles = /^(?:apply|checkout|restore|reset|revert|merge|rebase|cherry-pick|am)$/;
const writesInline =
  /\bopen\([^()\n]{0,200},\s{0,5}(?:mode=)?["'][wax]b?\+?["']|\.write_text\(|\.writeFile(?:Sync)?\(|\bfile_put_contents\(/;
const writesTemporary = /\bopen\(\s{0,5}["']\/tmp|Path\(["']\/tmp|writeFile(?:Sync)?\(["']\/tmp/;
const interpreter = /^(?:python[\d.]*|node|deno|bun|ruby|perl|php)$/;

/**
 * Whether a path is of no project: in a folder for temporary files. A project may lie in one of those: what is in the
 * working directory is never of that kind.
 */
export function isTemporary(path: string, cwd: string | undefined): boolean {
  if (!temporaryFolder.test(path)) return false;
  return cwd === undefined || !(path === cwd || path.startsWith(`${cwd.replace(/\/$/, "")}/`));
}

/** What the commands of a line changed of a project's source. Installing, and removing files, is no such change. */
export function editsIn({ commands }: CommandLine, cwd: string | undefined): ShellEdit[] {
  return commands.flatMap((command) => shellEditOf(command, cwd) ?? []);
}

/** `undefined` if it changed nothing. */
function shellEditOf(command: Command, cwd: string | undefined): ShellEdit | undefined {
  const [program = "", ...args] = command.words;
  const isOwn = (path: string) => !isTemporary(path, cwd) && !scratchName.test(path.slice(path.lastIndexOf("/") + 1));
  const written = kindOf(command.words) === undefined ? command.writes : [];
  const paths = written.filter((path) => isOwn(path) && (source.test(path) || command.heredoc !== ""));
  if (program === "tee") paths.push(...args.filter((arg) => !arg.startsWith("-") && isOwn(arg)));
  if (paths.length > 0) return { paths };
  const edited = editedBy(program, args, command.heredoc)?.filter(isOwn);
  if (edited !== undefined) return edited.length > 0 || !isEditorInPlace(program) ? { paths: edited } : undefined;
  const script = `${args.join("\n")}\n${command.heredoc}`;
  const isInline = interpreter.test(program) && (command.heredoc !== "" || /^-(?:c|e|p|eval)$/.test(args[0] ?? ""));
  return isInline && writesInline.test(script) && !writesTemporary.test(script) ? { paths: [] } : undefined;
}

function isEditorInPlace(program: string): boolean {
  return /^(?:g?sed|perl)$/.test(program);
}

/** The files that an editor of a shell changes; none if it does not say which, and `undefined` if it changes none. */
function editedBy(program: string, args: readonly string[], heredoc: string): string[] | undefined {
  if (isEditorInPlace(program)) {
    return args.some((arg) => /^-[nErsuzplae0]{0,5}i|^--in-place/.test(arg)) ? filesOf(args) : undefined;
  }
  if (program === "apply_patch") return patchedPaths(heredoc || args.join("\n"));
  if (program === "patch") return args.includes("--dry-run") ? undefined : patchedPaths(heredoc);
  return program === "git" ? changedByGit(args, heredoc) : undefined;
}

/** Behind the script, which comes first unless an option says it. */
function filesOf(args: readonly string[]): string[] {
  const plain = args.filter((arg, at) => /^[^-]/.test(arg) && !/^-(?:\w{0,5}e|f)$/.test(args[at - 1] ?? ""));
  const hasScript = args.some((arg) => /^-(?:\w{0,5}e|f)$|^--(?:expression|file)/.test(arg));
  return hasScript ? plain : plain.slice(1);
}

function changedByGit(args: readonly string[], heredoc: string): string[] | undefined {
  const [verb = "", ...rest] = withoutPlace(args);
  if (!changesFiles.test(verb)) return undefined;
  const says = (...options: string[]) => rest.some((arg) => options.includes(arg));
  if (verb === "apply") return says("--check", "--stat", "--cached") ? undefined : patchedPaths(heredoc);
  if (verb === "checkout") return says("-b", "-B") ? undefined : behindDashes(rest);
  if (verb === "restore") return says("--staged", "-S") && !says("--worktree", "-W") ? undefined : plainArgs(rest);
  if (verb === "reset") return says("--hard", "--merge", "--keep") ? [] : undefined;
  return says("--abort", "--quit") ? undefined : [];
}

/** What is before them may be a branch. */
function behindDashes(args: readonly string[]): string[] {
  return args.includes("--") ? args.slice(args.indexOf("--") + 1) : [];
}

function plainArgs(args: readonly string[]): string[] {
  return args.filter((arg) => !arg.startsWith("-"));
}

/** The verb of git and what follows it. */
export function withoutPlace(args: readonly string[]): string[] {
  let at = 0;
  while (/^-/.test(args[at] ?? "")) at += /^-[Cc]$/.test(args[at] ?? "") ? 2 : 1;
  return args.slice(at);
}
