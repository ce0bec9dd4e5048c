import { isDeepStrictEqual } from "node:util";
import { refuseInProject } from "./outside-project.ts";
import { Refused } from "./own-file.ts";
import { isSameFolder } from "./root-folder.ts";
import type { RootTrust, RootTrustOptions } from "./root-trust.ts";
import {
  type ConfirmedStore,
  type ConfirmedStorePart,
  confirmedStoreSchema,
  type TrustFileContent,
} from "./trust-schema.ts";

const MANY_STORES = 300;

/**
 * The team's store that a person of this machine has confirmed for one project. A marker that came with a clone decides
 * nothing alone: it would have the team's texts read to its agent, and its own written into the team's history.
 */
export class StoreTrust {
  readonly #options: RootTrustOptions;
  readonly #root: RootTrust;

  constructor(options: RootTrustOptions, root: RootTrust) {
    this.#options = options;
    this.#root = root;
  }

  /** What was confirmed for this project; nothing if that cannot be known. */
  confirmed(): ConfirmedStorePart | undefined {
    try {
      refuseInProject(this.#options);
      const { file } = this.#options;
      const found = this.#confirmedIn(file.read());
      if (found === undefined) return undefined;
      const { dev: _, id: __, ino: ___, path: ____, since: _____, ...part } = found;
      return part;
    } catch (error) {
      if (error instanceof Refused) return undefined;
      throw error;
    }
  }

  #confirmedIn({ stores }: TrustFileContent): ConfirmedStore | undefined {
    const now = this.#options.root.now();
    return storesIn(stores).find((one) => isSameFolder(one, now));
  }

  isConfirmed(store: ConfirmedStorePart): boolean {
    return isDeepStrictEqual(this.confirmed(), withoutUndefined(store));
  }

  /** Confirms a store in the place of another. Fails with a `KaizenError` if that cannot be kept. */
  confirm(store: ConfirmedStorePart): void {
    const { file, now, root } = this.#options;
    // A folder that holds nothing yet is this user's own. The mark of one that is trusted tells what else was chosen for it.
    this.#root.claim();
    const mark = this.#root.mark();
    file.update((content) => {
      refuseInProject(this.#options);
      const id = mark ?? this.#confirmedIn(content)?.id ?? root.mark();
      const { dev, ino, path } = root.now();
      const entry: ConfirmedStore = { ...withoutUndefined(store), path, dev, ino, id, since: now() };
      const others = (content.stores ?? []).filter((one) => {
        const known = confirmedStoreSchema.safeParse(one).data;
        return known === undefined || known.path !== path;
      });
      return { ...content, stores: [...others.slice(-MANY_STORES), entry] };
    });
  }

  /** Takes the confirmation back. Gives whether there was one. */
  forget(): boolean {
    if (this.confirmed() === undefined) return false;
    const { file, root } = this.#options;
    const now = root.now();
    file.update((content) => ({
      ...content,
      stores: (content.stores ?? []).filter((one) => {
        const known = confirmedStoreSchema.safeParse(one).data;
        return known === undefined || !isSameFolder(known, now);
      }),
    }));
    return true;
  }
}

function storesIn(stores: readonly unknown[] = []): ConfirmedStore[] {
  return stores.flatMap((one) => confirmedStoreSchema.safeParse(one).data ?? []);
}

/** As JSON has it. */
function withoutUndefined(store: ConfirmedStorePart): ConfirmedStorePart {
  const { password_file, root_certificate, ...rest } = store;
  return {
    ...rest,
    ...(root_certificate === undefined ? {} : { root_certificate }),
    ...(password_file === undefined ? {} : { password_file }),
  };
}
