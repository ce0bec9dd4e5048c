/**
 * Does something once, however many callers ask at a time. A failure is told to all that wait and then forgotten: if it
 * were remembered, the user would have to restart the server.
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
