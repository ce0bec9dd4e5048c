/** Where an export is written to. */
export interface Output {
  write(text: string): Promise<void>;
  /** Whether there is no more use in writing. */
  isDone(): boolean;
  /** Makes what was written last. */
  finish(): Promise<void>;
  /** Takes it back, as far as that can be done. */
  abandon(): Promise<void>;
}
