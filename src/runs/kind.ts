import type { CatalogTwin } from "../api/catalog.ts";
import type { ArgaClient } from "../api/client.ts";
import type { CommandGrammar, Line } from "./grammar.ts";
import type { Action, ArgaSide, Kind, Run, Wish } from "./run.ts";
import type { Observation } from "./transitions.ts";

/** What a command may ask for at most, from the configuration. */
export interface Limits {
  maxTtlMinutes: number;
}

/** What a look at Arga's catalog found wrong with a spec, for the person who typed it. */
export interface Unfit {
  why: string;
  tryThis?: string;
}

/** The buttons that a run has, beside the link to its dashboard. */
export type Offer = Action | "credentials" | "rerun";

/** Secrets of one part of a run, such as one twin. Made for one reader, at that moment, and kept nowhere. */
export interface SecretGroup {
  title: string;
  /** Addresses and the like, for reading. */
  facts: NamedValue[];
  /** Environment variables, to be copied whole. */
  variables: NamedValue[];
}

export interface NamedValue {
  name: string;
  value: string;
}

/**
 * A kind of run: everything that differs between kinds, in one object. `Spec` is what was asked for, as the
 * record keeps it. A new kind is one file in `kinds/` and one line in `kinds.ts`.
 */
export interface KindDefinition<Spec> {
  kind: Kind;
  grammar: CommandGrammar;
  /** Reads what was typed. Throws {@link UsageError}. */
  parse(line: Line, limits: Limits): Spec;
  /** A record's spec, typed again; throws if the record was written by something else. */
  spec(run: Run): Spec;
  /** Plain text, such as `Stripe twin`. */
  title(spec: Spec): string;
  /** What was asked for besides the title, in plain text. */
  details(spec: Spec): string[];
  /** How long it was asked to last. */
  ttlMinutes(spec: Spec): number;
  /** undefined if the catalog has all that is asked for. */
  unfit(spec: Spec, catalog: readonly CatalogTwin[]): Unfit | undefined;
  /** Creates it at Arga. Sent once; throws {@link ArgaError}, whose `sent` says what is known. */
  start(
    arga: ArgaClient,
    spec: Spec,
    signal: AbortSignal,
  ): Promise<Pick<ArgaSide, "id" | "legacy" | "status">>;
  observe(arga: ArgaClient, side: ArgaSide, signal: AbortSignal): Promise<Observation>;
  /** Returns the new end (ms since the epoch) if Arga's answer to an extension has it. */
  act(arga: ArgaClient, side: ArgaSide, wish: Wish, signal: AbortSignal): Promise<number | undefined>;
  /** Asks Arga for what only the entitled may see. */
  secrets(arga: ArgaClient, side: ArgaSide, signal?: AbortSignal): Promise<SecretGroup[]>;
  /** Whether a wish that may have been sent has had its effect; undefined: nobody can tell. */
  hasHappened(run: Run, wish: Wish): boolean | undefined;
  /** What makes sense in the run's present state, in the order of the buttons. */
  offers(run: Run): Offer[];
}
