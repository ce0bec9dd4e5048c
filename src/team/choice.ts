import { basename } from "node:path";
import type { Setting, StoreSettings } from "../config.ts";
import { KaizenError } from "../errors.ts";
import { MARKER, readMarker } from "./marker.ts";

/** Which store a project has, and what said so. */
export type StoreChoice =
  /** `unused`: an address that is set for other projects. */
  | { readonly kind: "folder"; readonly unused?: Setting<string> }
  /** The address as it was given: nothing of it was read yet, and a password may be in it. */
  | { readonly kind: "team"; readonly address: Setting<string>; readonly project: Setting<string> };

/** What a project is called: as the team's store knows it, or as its folder is. */
export function projectName(choice: StoreChoice, projectRoot: string): string {
  return choice.kind === "team" ? choice.project.value.normalize("NFC") : basename(projectRoot);
}

/**
 * Chooses between the project's folder and a team's store, which has the history of each project that says so by its
 * marker or by a variable. Fails with `NO_STORE` if it is a team's, and where that is was not said: never is another
 * history begun in silence.
 */
export function chooseStore(projectRoot: string, { address, project: named }: StoreSettings): StoreChoice {
  const marker = readMarker(projectRoot);
  const project = named ?? (marker && { value: marker.project, source: MARKER });
  if (address === undefined) {
    if (project === undefined) return { kind: "folder" };
    const name = JSON.stringify(project.value.slice(0, 80));
    throw new KaizenError(
      "NO_STORE",
      `This project's history is in a team's store (${project.source} says ${name}), and nothing says where that is.`,
      { hint: "Set KAIZEN_STORE to its address, postgres://USER@HOST/DATABASE: see kaizen-metrics help team." },
    );
  }
  if (project !== undefined) return { kind: "team", address, project };
  // A person's profile has the address for all projects; what is typed is for this one.
  if (address.source === "KAIZEN_STORE") return { kind: "folder", unused: address };
  throw new KaizenError("NO_STORE", `${address.source} names a team's store, and nothing names the project in it.`, {
    hint: `Set KAIZEN_PROJECT, or write ${MARKER} by kaizen-metrics init --store ADDRESS --project NAME.`,
  });
}
