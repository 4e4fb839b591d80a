import { type Line, UsageError } from "../../kinds/grammar.ts";
import { type AnyKind, allKinds } from "../../kinds/index.ts";
import type { Limits } from "../../kinds/kind.ts";
import { actionOf } from "../../views/form-inputs.ts";
import type { FieldValue, Submission } from "../shared/context.ts";

/** What is wrong with which field, by `block_id`. */
export type Errors = Record<string, string>;

const fieldOf = ({ values }: Submission, field: string): FieldValue => values[field]?.[actionOf(field)] ?? {};

/** What was typed, without the space around it. */
export const typedIn = (submission: Submission, field: string): string =>
  fieldOf(submission, field).value?.trim() ?? "";

export const chosenIn = (submission: Submission, field: string): string =>
  fieldOf(submission, field).selected_option?.value ?? "";

export const allChosenIn = (submission: Submission, field: string): string[] =>
  (fieldOf(submission, field).selected_options ?? []).flatMap(({ value }) => (value ? [value] : []));

export const conversationIn = (submission: Submission, field: string): string =>
  fieldOf(submission, field).selected_conversation ?? "";

/** A command as its kind reads it: a form is a line that nobody had to type. */
export interface FormCommand {
  kind: AnyKind;
  parse(line: Line, limits: Limits): unknown;
}

export function commandNamed(name: string): FormCommand {
  for (const kind of allKinds)
    for (const { grammar, parse } of kind.commands) if (grammar.name === name) return { kind, parse };
  throw new TypeError(`No kind of run has the command ${name}.`);
}

export const line = (words: string[], flags: Record<string, string> = {}): Line => ({
  words,
  flags: new Map(Object.entries(flags).filter(([, value]) => value !== "")),
});

/** A field, and how it is read by itself. */
export type Check = [field: string, read: () => unknown];

/** Reads one field after another, so that each hears what is wrong with it. */
export function wrongIn(checks: readonly Check[]): Errors {
  const errors: Errors = {};
  for (const [field, read] of checks) {
    try {
      read();
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      errors[field] ??= inField(error.message);
    }
  }
  return errors;
}

/** Under a field stands plain text: what would be code in a message is quoted. */
export const inField = (words: string): string => words.replace(/`([^`]*)`/g, "“$1”").slice(0, 500);
