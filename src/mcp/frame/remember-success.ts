/**
 * Does something once, whoever asks and however many at a time. A failure is told to all who wait and then forgotten:
 * a remembered one would be a server that has to be restarted.
 */
export function rememberSuccess<T>(work: () => Promise<T>): () => Promise<T> {
  let underWay: Promise<T> | undefined;
  return () => {
    underWay ??= work().catch((error: unknown) => {
      underWay = undefined;
      throw error;
    });
    return underWay;
  };
}
