import { openStore } from "../../../src/storage/open.ts";
import { parseAddress } from "../../../src/storage/postgres/server/url.ts";
import type { Store } from "../../../src/storage/store.ts";

/** A team's store as the soak opens it, in any of its processes. */
export function openedAt(address: string, project: string): Store {
  return openStore({
    address: parseAddress(address),
    project,
    passwordSource: () => undefined,
    retentionDays: 30,
    now: Date.now,
    onNotice: () => {},
  });
}
