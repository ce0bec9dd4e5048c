import * as z from "zod";

const hex = (characters: number) => z.string().regex(new RegExp(`^[0-9a-f]{${characters}}$`));

/** 32 bytes for each purpose. */
const secretsSchema = z.record(z.string(), hex(64));

/** How a root came to be trusted. */
const trustedBySchema = z.enum(["written_here", "accepted"]);

export type TrustedBy = z.infer<typeof trustedBySchema>;

/** What a person of this machine has chosen for one project. Nothing that a clone brings can set any of it. */
export const choicesSchema = z.object({
  /** The share of runs that get no brief, so that it can be told what the brief does. */
  holdout: z.number().min(0.01).max(0.5).optional(),
  /** A line for a shell, which is run on what an agent has left. */
  check: z.object({ command: z.string().min(1).max(2_000), timeout_s: z.int().min(1).max(86_400) }).optional(),
  /** The program that is asked what became of commits, and the workflows whose word counts: without names, of every one. */
  ci: z.object({ program: z.enum(["gh", "glab"]), workflows: z.array(z.string().min(1).max(200)).max(20) }).optional(),
  /** Left out: transcripts are read, and git is asked. */
  transcripts: z.literal(false).optional(),
  git: z.literal(false).optional(),
});

export type Choices = z.infer<typeof choicesSchema>;

/** One project's folder. Members that a newer version has added stay as they are. */
export const trustedRootSchema = z.looseObject({
  /** Its real path, and its number on its device, as they were when it was taken in. */
  path: z.string(),
  dev: z.string(),
  ino: z.string(),
  /** What also stands in a file of the store that git ignores: no clone brings it. */
  id: hex(32),
  trusted: trustedBySchema,
  /** The instant from which on it was. */
  since: z.string(),
  secrets: secretsSchema.optional(),
  ...choicesSchema.shape,
});

export type TrustedRoot = z.infer<typeof trustedRootSchema>;

/** A team's store as far as it has to be confirmed, so that neither texts nor a password go to another one. */
const confirmedStorePart = {
  /** Each with its port, in their order. */
  hosts: z.array(z.string()).min(1),
  database: z.string(),
  schema: z.string(),
  project: z.string(),
  tls: z.boolean(),
  root_certificate: z.string().optional(),
  /** The file that the password is read from, if it is. */
  password_file: z.string().optional(),
};

export const confirmedStoreSchema = z.object({
  ...confirmedStorePart,
  path: z.string(),
  dev: z.string(),
  ino: z.string(),
  id: hex(32),
  since: z.string(),
});

export type ConfirmedStore = z.infer<typeof confirmedStoreSchema>;
export type ConfirmedStorePart = Omit<ConfirmedStore, "path" | "dev" | "ino" | "id" | "since">;

/** A root that cannot be read is kept, and trusted for nothing: a newer version may know what it means. */
export const trustFileSchema = z.looseObject({
  version: z.literal(1),
  roots: z.array(z.unknown()),
  /** The team's stores that were confirmed, each for one root. */
  stores: z.array(z.unknown()).optional(),
  /** Of this user, and of no root: for what this program keeps in roots that are not trusted. */
  secrets: secretsSchema.optional(),
});

export type TrustFileContent = z.infer<typeof trustFileSchema>;
