import { existsSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import * as z from "zod";
import type { User } from "../user.ts";

/** One start of our program by a client. */
export interface Start {
  readonly args: string;
  /** What came on stdin. */
  readonly heard: string;
  readonly stderr: string;
  /** `undefined` while it runs. */
  readonly status: number | "killed" | undefined;
}

const PROTOCOL = "io.modelcontextprotocol/protocolVersion";
const messageSchema = z.object({
  method: z.string().optional(),
  params: z
    .object({ protocolVersion: z.string().optional(), _meta: z.looseObject({ [PROTOCOL]: z.string() }).optional() })
    .catch({})
    .optional(),
});

/** Stands before Node.js on a client's PATH, and keeps what our program was told there and how it ended. */
export class Witness {
  readonly #folder: string;

  constructor(user: User) {
    this.#folder = join(user.home, "starts");
    mkdirSync(this.#folder);
    // What a client reads stays as it is: only a copy of what it writes is taken.
    const lines = [
      "#!/bin/sh",
      `case "$*" in *main.js*) ;; *) exec "${process.execPath}" "$@" ;; esac`,
      `here="${this.#folder}/$$"`,
      'printf "%s" "$*" > "$here.args"',
      `tee "$here.heard" | "${process.execPath}" "$@" 2> "$here.stderr"`,
      "status=$?",
      'cat "$here.stderr" >&2',
      'printf "%s" "$status" > "$here.status"',
      'exit "$status"',
    ];
    user.hasProgram("node", `${lines.join("\n")}\n`);
  }

  starts(): Start[] {
    const read = (name: string) => {
      const file = join(this.#folder, name);
      return existsSync(file) ? readFileSync(file, "utf8") : "";
    };
    return readdirSync(this.#folder)
      .filter((name) => name.endsWith(".args"))
      .map((name) => {
        const of = (what: string) => read(name.replace(/args$/, what));
        return {
          args: of("args"),
          heard: of("heard"),
          stderr: of("stderr"),
          status: statusOf(of("status"), Number.parseInt(name, 10)),
        };
      });
  }

  /** The hooks that ran. */
  hooks(): Start[] {
    return this.starts().filter(({ args }) => / hook /.test(args));
  }

  /** Whether none of them is at work. */
  isQuiet(): boolean {
    return this.hooks().every(({ status }) => status !== undefined);
  }

  /** In which revision of the protocol the tools were asked for; `undefined` if they were not. */
  era(): string | undefined {
    for (const { heard } of this.starts()) {
      const messages = heard.split("\n").flatMap((line) => {
        const { data, success } = messageSchema.safeParse(parsed(line));
        return success ? [data] : [];
      });
      const asked = messages.find(({ method }) => method === "tools/list");
      const agreed = messages.find(({ method }) => method === "initialize");
      if (asked !== undefined) return asked.params?._meta?.[PROTOCOL] ?? agreed?.params?.protocolVersion;
    }
    return undefined;
  }
}

function statusOf(written: string, pid: number): Start["status"] {
  if (written !== "") return Number(written);
  try {
    process.kill(pid, 0);
    return undefined;
  } catch {
    return "killed";
  }
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
