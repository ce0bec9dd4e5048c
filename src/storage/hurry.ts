/**
 * Given to a store that a client waits for: it says how much it reads, and of advice that is longer than usual it takes
 * the end.
 */
export interface Hurry {
  /** Told how many bytes were read, before anything is made of them. */
  onRead(bytes: number): void;
}
