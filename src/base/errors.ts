/**
 * The family every error of this service belongs to. `code` is stable and documented in `docs/errors.md`;
 * `message` is written for the person who meets the error and says what to do about it.
 */
export abstract class CodedError extends Error {
  abstract readonly code: string;

  override get name(): string {
    return this.constructor.name;
  }
}

/** The message of anything that was thrown, for a log line or a text that is escaped later. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
