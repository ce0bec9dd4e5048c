import path from "node:path";

export interface StatePlace {
  readonly folder: string;
  /** What has to be there already: a home that is missing is not made. */
  readonly home: string | undefined;
}

/**
 * Where a program keeps what it knows of this machine, by the XDG Base Directory Specification, on macOS too; on Windows
 * `%LOCALAPPDATA%`. `undefined` if the environment names no such place: a relative path counts as none.
 */
export function statePlace(
  environment: Readonly<Record<string, string | undefined>>,
  windows: boolean,
): StatePlace | undefined {
  const { isAbsolute, join } = windows ? path.win32 : path.posix;
  const { HOME, LOCALAPPDATA, XDG_STATE_HOME } = environment;
  const named = (value: string | undefined) => (value !== undefined && isAbsolute(value) ? value : undefined);
  const base = named(XDG_STATE_HOME);
  if (base !== undefined) return { folder: join(base, "kaizen-metrics"), home: undefined };
  const home = named(windows ? LOCALAPPDATA : HOME);
  if (home === undefined) return undefined;
  return { folder: windows ? join(home, "kaizen-metrics") : join(home, ".local", "state", "kaizen-metrics"), home };
}
