import { randomBytes } from "node:crypto";
import { isRoot, isThere, rootIn } from "./known-roots.ts";
import { refuseInProject, type TrustPlaces } from "./outside-project.ts";
import { Refused } from "./own-file.ts";
import { isSameFolder } from "./root-folder.ts";
import {
  type Choices,
  choicesSchema,
  type TrustedBy,
  type TrustedRoot,
  type TrustFileContent,
  trustedRootSchema,
} from "./trust-schema.ts";

export type { Choices } from "./trust-schema.ts";

/** Whether this machine trusts what a project's store says. */
export interface TrustState {
  /** `new`: there is nothing to trust yet. `foreign`: the store came from elsewhere, or nothing tells that it did not. */
  readonly kind: TrustedBy | "foreign" | "new";
  readonly since?: string;
  /** Why nothing can be trusted, or what is trusted not be kept. */
  readonly problem?: string;
}

/** What a secret is for. Each has its own, so that none tells of another. */
export type SecretPurpose = "snapshots" | "trials" | "evidence";

export interface RootTrustOptions extends TrustPlaces {
  /** The current instant as text. */
  readonly now: () => string;
}

/** So many roots may stand in the file before those go whose folder is gone. */
const MANY_ROOTS = 300;

/** What this user trusts of one project. Everything is looked up anew: other processes accept and revoke as well. */
export class RootTrust {
  readonly #options: RootTrustOptions;

  constructor(options: RootTrustOptions) {
    this.#options = options;
  }

  state(): TrustState {
    const { root } = this.#options;
    try {
      const trusted = this.#trusted();
      if (trusted !== undefined) return { kind: trusted.trusted, since: trusted.since };
      return { kind: root.isEmpty() ? "new" : "foreign" };
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      return { kind: root.isEmpty() ? "new" : "foreign", problem: error.message };
    }
  }

  /** What the root is marked with in this trust file; `undefined` if it is not trusted. */
  mark(): string | undefined {
    try {
      return this.#trusted()?.id;
    } catch (error) {
      if (error instanceof Refused) return undefined;
      throw error;
    }
  }

  /**
   * Comes before the first write of a process: a store that holds nothing yet is this user's own. Gives whether it was
   * taken in now. That it cannot be kept is no reason not to write.
   */
  claim(): boolean {
    try {
      refuseInProject(this.#options);
      if (!this.#options.root.isEmpty() || this.#trusted() !== undefined) return false;
      let isTaken = false;
      this.#options.file.update((content) => {
        // Another process may have been first.
        if (rootIn(content, this.#options.root) !== undefined) return content;
        isTaken = true;
        return this.#with(content, "written_here");
      });
      return isTaken;
    } catch {
      return false;
    }
  }

  /** Trusts the store as it is. Fails with a `KaizenError` if that cannot be kept. */
  accept(): void {
    const { file } = this.#options;
    file.update((content) => {
      refuseInProject(this.#options);
      return this.#with(content, "accepted");
    });
  }

  /** Trusts the store no more, and forgets its secrets. Gives whether it was trusted. */
  revoke(): boolean {
    const { file, root } = this.#options;
    if (this.#trusted() === undefined) return false;
    file.update((content) => {
      const now = root.now();
      return { ...content, roots: content.roots.filter((one) => !isRoot(one, (known) => isSameFolder(known, now))) };
    });
    return true;
  }

  /**
   * What this program seals with what it keeps beside the logs. An untrusted root has no secret; what was sealed there
   * for this user by this program is as good as ever. `undefined` if none can be kept, or, to read, none was made.
   */
  snapshotSecret({ toWrite }: { toWrite: boolean }): Buffer | undefined {
    try {
      if (this.#trusted() !== undefined) return this.secretFor("snapshots");
      const { file } = this.#options;
      const known = file.read().secrets?.snapshots;
      const secret = known ?? (toWrite ? file.update(withOwnSecret).secrets?.snapshots : undefined);
      return secret === undefined ? undefined : Buffer.from(secret, "hex");
    } catch {
      return undefined;
    }
  }

  /** 32 random bytes that only this machine knows, made at the first call; `undefined` if the root is not trusted. */
  secretFor(purpose: SecretPurpose): Buffer | undefined {
    try {
      const known = this.#trusted();
      if (known === undefined) return undefined;
      const secret = known.secrets?.[purpose] ?? this.#makeSecret(purpose);
      return secret === undefined ? undefined : Buffer.from(secret, "hex");
    } catch {
      return undefined;
    }
  }

  /** What a person of this machine has chosen for the project; nothing for a root that is not trusted. */
  choices(): Choices {
    try {
      return choicesSchema.parse(this.#trusted() ?? {});
    } catch {
      // If it cannot be known what was switched off, all of it is.
      return { transcripts: false, git: false };
    }
  }

  /**
   * Keeps some choices; one that is `undefined` is taken back, and those that are not named stay. Gives whether it could
   * be: the root has to be trusted, and the file ours. Fails with a `KaizenError` if the file cannot be written.
   */
  choose(choices: Choices): boolean {
    this.claim();
    if (["foreign", "new"].includes(this.state().kind)) return false;
    this.#change((known) => ({ ...known, ...choices }));
    return true;
  }

  #makeSecret(purpose: SecretPurpose): string | undefined {
    const content = this.#change((known) =>
      known.secrets?.[purpose] === undefined
        ? { ...known, secrets: { ...known.secrets, [purpose]: newSecret() } }
        : known,
    );
    return rootIn(content, this.#options.root)?.secrets?.[purpose];
  }

  #change(change: (known: TrustedRoot) => TrustedRoot): TrustFileContent {
    const { file, root } = this.#options;
    const now = root.now();
    return file.update((content) => ({
      ...content,
      roots: content.roots.map((one) => {
        const known = trustedRootSchema.safeParse(one).data;
        return known !== undefined && isSameFolder(known, now) ? change(known) : one;
      }),
    }));
  }

  #trusted(): TrustedRoot | undefined {
    const { file, root } = this.#options;
    refuseInProject(this.#options);
    return rootIn(file.read(), root);
  }

  #with(content: TrustFileContent, trusted: TrustedBy): TrustFileContent {
    const { now, root } = this.#options;
    const id = rootIn(content, root)?.id ?? root.mark();
    const { dev, ino, path } = root.now();
    const entry: TrustedRoot = { path, dev, ino, id, trusted, since: now(), secrets: { snapshots: newSecret() } };
    // Another folder that was at this path may have been moved away, and is trusted still.
    const others = content.roots.filter((one) => !isRoot(one, (known) => known.dev === dev && known.ino === ino));
    return { ...content, roots: [...(others.length < MANY_ROOTS ? others : others.filter(isThere)), entry] };
  }
}

function withOwnSecret(content: TrustFileContent): TrustFileContent {
  return { ...content, secrets: { snapshots: newSecret(), ...content.secrets } };
}

function newSecret(): string {
  return randomBytes(32).toString("hex");
}
