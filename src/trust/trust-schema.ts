import * as z from "zod";

const hex = (characters: number) => z.string().regex(new RegExp(`^[0-9a-f]{${characters}}$`));

/** 32 bytes for each purpose. */
const secretsSchema = z.record(z.string(), hex(64));

/** How a root came to be trusted. */
const trustedBySchema = z.enum(["written_here", "accepted"]);

export type TrustedBy = z.infer<typeof trustedBySchema>;

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
  /** The share of runs that get no brief, so that it can be told what the brief does. */
  holdout: z.number().min(0.01).max(0.5).optional(),
});

export type TrustedRoot = z.infer<typeof trustedRootSchema>;

/** A root that cannot be read is kept, and trusted for nothing: a newer version may know what it means. */
export const trustFileSchema = z.looseObject({
  version: z.literal(1),
  roots: z.array(z.unknown()),
  /** Of this user, and of no root: for what this program keeps in roots that are not trusted. */
  secrets: secretsSchema.optional(),
});

export type TrustFileContent = z.infer<typeof trustFileSchema>;
