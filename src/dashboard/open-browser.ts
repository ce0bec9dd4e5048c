import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, posix, win32 } from "node:path";

type Environment = Readonly<Record<string, string | undefined>>;

export interface Surroundings {
  readonly platform: NodeJS.Platform;
  readonly environment: Environment;
  /** Whether a person types where the program runs. */
  readonly isTerminal: boolean;
  /** The full path of a program, looked for only among those that no project brings. */
  find(name: string): string | undefined;
  /** Whether there is a program at this full path, which no project brings. */
  isProgram(path: string): boolean;
}

/** A program that opens a file in the browser; or why none is to be opened. */
export type Opener =
  | { readonly program: string; argumentsFor(file: string): readonly string[] }
  | { readonly reason: string };

/** How this machine opens a file in the person's browser. Nothing goes through a shell. */
export function openerFor({ environment, find, isProgram, isTerminal, platform }: Surroundings): Opener {
  if (environment.SSH_CONNECTION || environment.SSH_TTY) return { reason: "this is a session over SSH" };
  if (environment.CI) return { reason: "CI is set" };
  if (!isTerminal) return { reason: "no terminal is there" };
  if (platform === "win32") return onWindows(environment);
  const simple = (program: string, ...before: string[]): Opener => ({
    program,
    argumentsFor: (file) => [...before, file],
  });
  const { BROWSER } = environment;
  if (BROWSER && posix.isAbsolute(BROWSER) && isProgram(BROWSER)) return simple(BROWSER);
  if (platform === "darwin") return simple("/usr/bin/open");
  if (environment.WSL_DISTRO_NAME) return onWsl(environment.WSL_DISTRO_NAME, find("wslview"), isProgram);
  if (!environment.DISPLAY && !environment.WAYLAND_DISPLAY) return { reason: "no display is there" };
  const usual = find("xdg-open") ?? find("x-www-browser");
  if (usual !== undefined) return simple(usual);
  const gio = find("gio");
  return gio === undefined ? { reason: "no program was found that opens one" } : simple(gio, "open");
}

function onWindows({ SystemRoot }: Environment): Opener {
  if (SystemRoot === undefined || !win32.isAbsolute(SystemRoot)) return { reason: "SystemRoot names no folder" };
  const program = win32.join(SystemRoot, "System32", "rundll32.exe");
  return { program, argumentsFor: (file) => ["url.dll,FileProtocolHandler", file] };
}

/** A browser of Windows reaches the files of Linux as those of another machine. */
function onWsl(distribution: string, wslview: string | undefined, isProgram: Surroundings["isProgram"]): Opener {
  if (wslview !== undefined) return { program: wslview, argumentsFor: (file) => [file] };
  const program = "/mnt/c/Windows/System32/rundll32.exe";
  if (!isProgram(program) || !/^[\w.-]{1,64}$/.test(distribution)) return { reason: "Windows cannot be reached" };
  const share = `\\\\wsl.localhost\\${distribution}`;
  return {
    program,
    argumentsFor: (file) => ["url.dll,FileProtocolHandler", share + file.replaceAll("/", "\\")],
  };
}

/**
 * A file that leads a browser to an address. Every user sees with which arguments a program was started, and only its own
 * user reads this file. It is to be removed as soon as it has been read.
 */
export class RedirectFile {
  readonly path: string;
  readonly #folder: string;

  constructor(address: string) {
    this.#folder = mkdtempSync(join(tmpdir(), "kaizen-metrics-"));
    this.path = join(this.#folder, "dashboard.html");
    writeFileSync(this.path, redirectTo(address), { flag: "wx", mode: 0o600 });
  }

  /** Harmless if it is gone. */
  remove(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

/** Addresses of ours have no character that ends an attribute. */
function redirectTo(address: string): string {
  return `<!doctype html>
<meta charset="utf-8">
<meta name="referrer" content="no-referrer">
<meta http-equiv="refresh" content="0; url=${address.replaceAll("&", "&amp;")}">
<title>kaizen-metrics</title>
`;
}

/** Starts the browser and does not wait for it. Tells if that could not be done. */
export function openBrowser(
  opener: Exclude<Opener, { reason: string }>,
  file: string,
  environment: Environment,
  onProblem: (problem: string) => void,
): void {
  const child = spawn(opener.program, [...opener.argumentsFor(file)], {
    env: { ...environment },
    detached: true,
    stdio: "ignore",
    windowsHide: true,
  });
  child.on("error", (error) => onProblem("code" in error ? String(error.code) : error.message));
  child.on("exit", (status) => {
    if (status !== null && status !== 0) onProblem(`${opener.program} ended with ${status}`);
  });
  child.unref();
}

/** What to type on one's own machine to reach a port of this one; with what SSH says of the session. */
export function tunnelLine(port: number, { SSH_CONNECTION = "", USER = "" }: Environment): string {
  const [, , host = "", sshPort = ""] = SSH_CONNECTION.split(" ");
  const place = /^[\da-f.:]{2,45}$/i.test(host) ? host : "THIS_MACHINE";
  const user = /^[\w.-]{1,64}$/.test(USER) ? `${USER}@` : "";
  const other = /^\d{1,5}$/.test(sshPort) && sshPort !== "22" ? `-p ${sshPort} ` : "";
  return `ssh -N -L ${port}:127.0.0.1:${port} ${other}${user}${place}`;
}
