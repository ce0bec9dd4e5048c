import { randomUUID } from "node:crypto";
import { inject } from "vitest";
import type { RetentionDays } from "../../../src/domain/run/retention.ts";
import { openStore } from "../../../src/storage/open.ts";
import { parseAddress } from "../../../src/storage/postgres/server/url.ts";
import type { Store } from "../../../src/storage/store.ts";
import type { Place } from "../places.ts";

export const teamStore = inject("teamStore");

interface OpenOptions {
  readonly now: () => number;
  readonly retentionDays?: RetentionDays;
  readonly onNotice?: (message: string) => void;
  readonly passwordSource?: () => string | undefined;
}

/** A project of its own on the server of this run. */
export function newProject(): string {
  return `test/${randomUUID()}`;
}

export function openPostgres(project: string, options: OpenOptions, address = teamStore ?? ""): Store {
  return openStore({
    address: parseAddress(address),
    project,
    passwordSource: () => undefined,
    retentionDays: 30,
    onNotice: () => {},
    ...options,
  });
}

export function postgresPlace(address = teamStore): Place {
  const project = newProject();
  return { durable: true, open: (options) => openPostgres(project, options, address) };
}
