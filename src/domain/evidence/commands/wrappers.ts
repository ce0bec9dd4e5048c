/** A program that starts another one, which its later words name. */
interface Wrapper {
  readonly names: RegExp;
  /** The words that have to follow for it to be one, with options anywhere between them. */
  readonly verbs?: readonly RegExp[];
  /** Options whose value is the next word. */
  readonly valued?: RegExp;
  /** How many words of its own come before the program. */
  readonly own?: number;
}

const wrappers: readonly Wrapper[] = [
  { names: /^(?:if|then|elif|else|do|while|until|!|\{|time|nohup|exec|command|builtin|caffeinate|setsid|unbuffer)$/ },
  { names: /^(?:sudo|doas)$/, valued: /^-[ugpChrtD]$/ },
  { names: /^(?:nice|ionice|stdbuf)$/, valued: /^-[ncioe]$/ },
  { names: /^(?:env|cross-env|dotenv)$/, valued: /^-[uCSe]$/ },
  { names: /^xvfb-run$/, valued: /^-[nsef]$/ },
  { names: /^g?timeout$/, valued: /^-[ks]$/, own: 1 },
  { names: /^(?:npx|bunx|pnpx|uvx)$/, valued: /^(?:-p|--package|--from|--with|--python)$/ },
  {
    names: /^(?:npm|pnpm|yarn|bun)$/,
    verbs: [/^(?:exec|dlx|x)$/],
    valued: /^(?:-C|-F|--filter|--prefix|-w|--workspace)$/,
  },
  {
    names: /^(?:uv|poetry|pipenv|pdm|hatch|rye|conda|mamba|micromamba|pixi)$/,
    verbs: [/^run$/],
    valued: /^(?:-[npPC]|--(?:name|prefix|python|with|extra|group|directory|project|package|env-file))$/,
  },
  { names: /^bundle$/, verbs: [/^exec$/] },
  { names: /^mise$/, verbs: [/^(?:exec|x)$/] },
  {
    names: /^docker$/,
    verbs: [/^compose$/, /^(?:exec|run)$/],
    own: 1,
    valued: /^(?:-[efpuvw]|--(?:env|file|profile|user|volume|workdir|project-name))$/,
  },
  {
    names: /^docker-compose$/,
    verbs: [/^(?:exec|run)$/],
    own: 1,
    valued: /^(?:-[efpuvw]|--(?:env|file|user|volume|workdir))$/,
  },
  {
    names: /^(?:docker|podman)$/,
    verbs: [/^(?:exec|run)$/],
    own: 1,
    valued: /^(?:-[epuvw]|--(?:env|name|network|user|volume|workdir|entrypoint|platform))$/,
  },
  { names: /^(?:python:)?coverage$/, verbs: [/^run$/], valued: /^--(?:source|rcfile|include|omit|data-file)$/ },
];

/** Starts what is installed in a project by its mere name, as `exec` would. */
const startsByName = /^(?:pnpm|yarn)$/;
const installedTools = /^(?:vitest|jest|mocha|ava|playwright|cypress|tsc|eslint|biome|react-scripts)$/;

/** What is wrapped more often than this is no command that an agent needs. */
const MOST_WRAPPERS = 20;

const assignment = /^[A-Za-z_]\w*\+?=/;
/** Its options without a value; `-m` names a module, which is run as a program is. */
const python = /^(?:python[\d.]*|py)$/;
const pythonOption = /^-[uBEsSOIWX]/;

/**
 * The words of the command that a part of a shell line comes to: without what starts it (`sudo`, `npx`, `timeout 60`),
 * assignments and folders. A module of Python is `python:pytest`.
 */
export function bareWords(words: readonly string[]): string[] {
  let rest = [...words];
  for (let turn = 0; turn < MOST_WRAPPERS; turn++) {
    const next = unwrapped(rest);
    if (next === undefined) break;
    rest = next;
  }
  return rest;
}

function unwrapped(words: string[]): string[] | undefined {
  const [first, ...rest] = words;
  if (first === undefined) return undefined;
  if (assignment.test(first)) return rest;
  const name = programName(first);
  if (name !== first) return [name, ...rest];
  if (python.test(name)) return ofPython(name, rest);
  if (startsByName.test(name) && installedTools.test(rest[0] ?? "")) return rest;
  for (const wrapper of wrappers) {
    const inner = wrapper.names.test(name) ? innerOf(wrapper, rest) : undefined;
    if (inner !== undefined) return inner;
  }
  return undefined;
}

/** Without its folder, the version that is asked for, and what Windows puts behind it. */
function programName(word: string): string {
  const name = word.slice(Math.max(word.lastIndexOf("/"), word.lastIndexOf("\\")) + 1);
  return name.replace(/(?<=.)@[\w.^~-]*$/, "").replace(/\.(?:cmd|exe|bat)$/i, "");
}

function ofPython(name: string, args: readonly string[]): string[] | undefined {
  const at = args.findIndex((arg) => !pythonOption.test(arg));
  if (args[at] === "-m") return [`python:${args[at + 1] ?? ""}`, ...args.slice(at + 2)];
  return at > 0 || name !== "python" ? ["python", ...args.slice(Math.max(0, at))] : undefined;
}

/** What a wrapper starts; `undefined` if it is used for something else. */
function innerOf({ own = 0, valued, verbs = [] }: Wrapper, args: readonly string[]): string[] | undefined {
  let at = 0;
  for (const step of [...verbs, ...Array<RegExp>(own).fill(/^/)]) {
    at = afterOptions(args, at, valued);
    if (!step.test(args[at] ?? "")) return undefined;
    at++;
  }
  at = afterOptions(args, at, valued);
  const isModule = args[at - 1] === "-m";
  const program = args[at];
  return program === undefined ? [] : [isModule ? `python:${program}` : program, ...args.slice(at + 1)];
}

/** The place of the next word that is no option, nor the value of one. */
export function afterOptions(args: readonly string[], from: number, valued: RegExp | undefined): number {
  let at = from;
  while (/^[-+]/.test(args[at] ?? "")) at += valued?.test(args[at] ?? "") ? 2 : 1;
  return at;
}
