import { createHmac, randomBytes } from "node:crypto";
import { DEFAULT_RETENTION_DAYS, type RetentionDays } from "./domain/run/retention.ts";
import { Kaizen } from "./kaizen/kaizen.ts";
import type { Hurry } from "./storage/hurry.ts";
import type { OnNotice } from "./storage/notice.ts";
import { openStore, prepareStore } from "./storage/open.ts";
import type { RootTrust } from "./trust/root-trust.ts";
import { trustOnThisMachine } from "./trust/this-machine.ts";

export interface OpenOptions {
  /** The project's folder; the files live in `.kaizen/metrics` below it. */
  readonly projectRoot: string;
  /** How many days a run is kept, or `null` to keep each; 180 unless said. */
  readonly retentionDays?: RetentionDays;
  /** Hears of what was read with a remark, such as a damaged line. */
  readonly onNotice?: OnNotice;
  /** What bounds the reading of a process that must end soon, such as a hook. */
  readonly hurry?: Hurry | undefined;
}

/**
 * The use cases over a project's files, with this machine's clock, randomness and trust. Creates nothing on disk before
 * the first write, which also notes for this user that a store which held nothing is their own.
 */
export function openKaizen(options: OpenOptions): Kaizen {
  const now = Date.now;
  const { projectRoot, retentionDays = DEFAULT_RETENTION_DAYS, onNotice = () => {} } = options;
  const trust = openTrust(projectRoot);
  const seal = new Seal(trust);
  const store = openStore({
    ...options,
    retentionDays,
    onNotice,
    now,
    snapshotKey: seal,
    onFirstWrite() {
      if (trust.claim()) seal.forget();
    },
  });
  return new Kaizen({
    store,
    now,
    randomHex: () => randomBytes(16).toString("hex"),
    retentionDays,
    isForeign: () => trust.state().kind === "foreign",
    holdout: () => trust.choices().holdout,
    coin: (text) => throwCoin(trust.secretFor("trials"), text),
  });
}

/** The first 32 bits of HMAC-SHA256 as a fraction of 1: as good as random for who does not know the secret. */
function throwCoin(secret: Buffer | undefined, text: string): number | undefined {
  return secret === undefined ? undefined : createHmac("sha256", secret).update(text).digest().readUInt32BE() / 2 ** 32;
}

/** What the user of this process, or of another environment, trusts of a project. */
export function openTrust(projectRoot: string, environment: NodeJS.ProcessEnv = process.env): RootTrust {
  return trustOnThisMachine(projectRoot, () => prepareStore(projectRoot), environment);
}

/** Asked for once, and anew after the first write, which may have made the store this user's own. */
class Seal {
  readonly #trust: RootTrust;
  #known: Buffer | undefined;
  /** Where no secret can be kept, no other process believes what this one has saved. */
  readonly #ofProcess = randomBytes(32);

  constructor(trust: RootTrust) {
    this.#trust = trust;
  }

  toRead(): Buffer {
    this.#known ??= this.#trust.snapshotSecret({ toWrite: false });
    return this.#known ?? this.#ofProcess;
  }

  toWrite(): Buffer {
    this.#known ??= this.#trust.snapshotSecret({ toWrite: true }) ?? this.#ofProcess;
    return this.#known;
  }

  forget(): void {
    this.#known = undefined;
  }
}
