import { realpathSync } from "node:fs";
import { RootFolder } from "./root-folder.ts";
import { RootTrust, type RootTrustOptions } from "./root-trust.ts";
import { statePlace } from "./state-folder.ts";
import { StoreTrust } from "./store-trust.ts";
import { TrustFile } from "./trust-file.ts";

/** What the user of this process trusts of a project, whose folder has to be there. Looking changes nothing. */
export function trustOnThisMachine(
  projectRoot: string,
  prepare: () => void,
  environment: Readonly<Record<string, string | undefined>>,
): RootTrust {
  return new RootTrust(optionsFor(projectRoot, prepare, environment));
}

/** The team's store that the user of this process has confirmed for a project. */
export function storeTrustOnThisMachine(
  projectRoot: string,
  prepare: () => void,
  environment: Readonly<Record<string, string | undefined>>,
): StoreTrust {
  const options = optionsFor(projectRoot, prepare, environment);
  return new StoreTrust(options, new RootTrust(options));
}

function optionsFor(
  projectRoot: string,
  prepare: () => void,
  environment: Readonly<Record<string, string | undefined>>,
): RootTrustOptions {
  const place = statePlace(environment, process.platform === "win32");
  return {
    root: new RootFolder(projectRoot, prepare),
    file: new TrustFile(place),
    home: realPathOf(place?.home),
    now: () => new Date().toISOString().replace(/\.\d+Z$/, "Z"),
  };
}

function realPathOf(path: string | undefined): string | undefined {
  try {
    return path === undefined ? undefined : realpathSync(path);
  } catch {
    return undefined;
  }
}
