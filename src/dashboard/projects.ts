import type { StoreModel } from "../domain/dashboard/view-model.ts";
import { KaizenError } from "../errors.ts";
import { Live, type LiveOptions } from "./live.ts";
import type { DashboardSource } from "./source.ts";

/** So long a list of projects is good: the server counts their rows for it. */
const LIST_MS = 60_000;

/** A team's store, which has other projects beside the one that is shown at first. */
export interface TeamProjects {
  /** What the store calls the project that is shown at first. */
  readonly own: string;
  /** Where the store is, without the name of a user. */
  readonly store: string;
  /** Every project of the store, and how much it has on record, in words. */
  list(): Promise<StoreModel["projects"]>;
  open(project: string): Promise<DashboardSource>;
}

/** A project that pages show, and what keeps them up to date. */
export interface ShownProject {
  readonly source: DashboardSource;
  readonly live: Live;
}

interface ProjectsOptions {
  readonly own: DashboardSource;
  readonly team: TeamProjects | undefined;
  readonly live: Omit<LiveOptions, "source">;
  /** The current instant in ms. */
  now(): number;
}

/** What pages show: the project of the command, and each other one of a team's store once a page asks for it. */
export class Projects {
  readonly #options: ProjectsOptions;
  readonly #own: ShownProject;
  readonly #others = new Map<string, Promise<ShownProject>>();
  #list: StoreModel["projects"] = [];
  #listedAt = Number.NEGATIVE_INFINITY;

  constructor(options: ProjectsOptions) {
    const { own, team } = options;
    this.#options = options;
    this.#own = this.#shown(own, team?.own);
  }

  /** The project of a name, or without one that of the command. Fails with `NOT_FOUND` if there is none. */
  async find(name: string | undefined): Promise<ShownProject> {
    const { team } = this.#options;
    if (name === undefined || name === team?.own) return this.#own;
    const known = this.#others.get(name);
    if (known !== undefined) return known;
    if (team === undefined || !(await this.#projects()).some((one) => one.name === name)) {
      throw new KaizenError("NOT_FOUND", "There is no such project in the store of this dashboard.");
    }
    const opened = this.#others.get(name) ?? team.open(name).then((source) => this.#shown(source, name));
    this.#others.set(name, opened);
    opened.catch(() => this.#others.delete(name));
    return opened;
  }

  /** How many pages are kept up to date. */
  async viewers(): Promise<number> {
    return (await this.#all()).reduce((sum, { live }) => sum + live.viewers, 0);
  }

  async close(): Promise<void> {
    for (const { live } of await this.#all()) live.close();
  }

  async #all(): Promise<ShownProject[]> {
    return [this.#own, ...(await Promise.all(this.#others.values()))];
  }

  #shown(source: DashboardSource, name: string | undefined): ShownProject {
    const { live, team } = this.#options;
    const overview = async () => {
      const model = await source.overview();
      if (team === undefined) return model;
      const projects = (await this.#projects()).filter((one) => one.name !== name);
      return { ...model, store: { name: team.store, projects } };
    };
    return { source: { ...source, overview }, live: new Live({ ...live, source }) };
  }

  /** A list that cannot be read now stays what it was: the figures that it stands below tell what is wrong. */
  async #projects(): Promise<StoreModel["projects"]> {
    const { now, team } = this.#options;
    if (team === undefined || now() < this.#listedAt + LIST_MS) return this.#list;
    try {
      this.#list = await team.list();
      this.#listedAt = now();
    } catch (error) {
      if (!(error instanceof KaizenError)) throw error;
    }
    return this.#list;
  }
}
