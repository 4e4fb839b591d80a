import type { CatalogTwin } from "../api/catalog.ts";
import type { ArgaClient } from "../api/client.ts";
import type { Action, ActionRequest, ArgaRun, Kind, Run, Step } from "../runs/run.ts";
import type { Observation } from "../runs/transitions.ts";
import type { CommandGrammar, Line } from "./grammar.ts";

/** What a command may ask for at most. */
export interface Limits {
  /** From the configuration. */
  maxTtlMinutes: number;
  /** What the account's plan allows, where it is known: a default must not be more than that. */
  planTtlMinutes?: number | undefined;
  /** How long what is asked for without a time is to last, if its person chose that. */
  defaultTtlMinutes?: number | undefined;
}

/** Why Arga would not take a spec, for the person who typed it. */
export interface PreflightProblem {
  /** What of it is not to be had. */
  about: "twins" | "time" | "quota" | "saved" | "scenario";
  why: string;
  tryThis?: string;
  /** `tryThis` is what was asked for, with one thing put right. */
  isMeant?: true;
}

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

/** A line of a run's log, as Arga has it. */
export interface LogLine {
  /** ms since the epoch, where Arga says. */
  at?: number;
  /** What wrote it, such as a step or a service. */
  source?: string;
  text: string;
  isError: boolean;
}

/** One way to ask for a run of a kind. Two kinds may share a command: the first that takes the line has it. */
interface KindCommand<Spec> {
  grammar: CommandGrammar;
  /** Reads what was typed; undefined: it is meant for another kind. Throws {@link UsageError}. */
  parse(line: Line, limits: Limits): Spec | undefined;
}

/** What is asked of Arga in a spec, as far as it can be looked up before. */
export interface Needs {
  /** Names that must be in Arga's catalog. */
  twins: readonly string[];
  /** A saved test, and a scenario, by id or by name. */
  saved?: string | undefined;
  scenario?: string | undefined;
  ttlMinutes?: number | undefined;
  /** The command with these twins, for one who mistyped them. */
  retype(twins: readonly string[], ttlMinutes: number | undefined): string;
}

/** Something of Arga's that people may name by its id or by what it's called. */
export interface Named {
  id: string;
  name: string;
}

/** What names in a spec stand for. */
export interface FoundNames {
  saved?: Named;
  scenario?: Named;
}

/** What the bot knows beside the run, for a spec that names something. */
export interface Lookups {
  /** Arga's id of the one run of that kind that a person may mean. */
  argaId(kind: Kind, id: string): Promise<string | undefined>;
}

/** A run as it stands in a list of many. */
export interface ListedRun {
  /** Arga's id. */
  id: string;
  seen: Observation;
  /** For a run that was started elsewhere. */
  title: string;
  /** When it changed last, by Arga's clock, in ms. */
  changedAt?: number;
  /** The list does not say enough: the run must be looked at by itself. */
  isBrief: boolean;
}

/** All runs of a kind, as Arga lists them. */
export interface RunList {
  team: string;
  kind: Kind;
  runs: readonly ListedRun[];
}

/** What a stream of a run's events said. */
export interface StreamUpdate {
  steps: Step[];
  /** Its state may have changed: worth a look at the run. */
  isTurn: boolean;
}

/** How a run's stream is followed. */
export interface FollowOptions {
  signal: AbortSignal;
}

/**
 * A kind of run: everything that differs between kinds, in one object. `Spec` is what was asked for, as the
 * record keeps it. A new kind is one file in `kinds/` and its name in `kinds/index.ts`.
 */
export interface KindDefinition<Spec> {
  kind: Kind;
  /** The spec with what its names stand for. */
  named?(spec: Spec, found: FoundNames): Spec;
  /** What it is about, as far as it can be opened: the page under test, the pull request. */
  pages?(spec: Spec): { label: string; url: string }[];
  /** What people call one, such as `twin run`. */
  noun: string;
  commands: readonly [KindCommand<Spec>, ...KindCommand<Spec>[]];
  /** A record's spec, typed again; throws if the record was written by something else. */
  spec(run: Run): Spec;
  /** Plain text, such as `Stripe twin`. */
  title(spec: Spec): string;
  /** What was asked for besides the title, in plain text. */
  details(spec: Spec): string[];
  needs(spec: Spec): Needs;
  /** `owner/repo`, where it has to do with one. */
  repository?(spec: Spec): string | undefined;
  /** Puts in what can be looked up, such as a name or an id that was typed short. */
  resolve?(spec: Spec, look: Lookups): Promise<Spec>;
  /** Its own spec, or what repeats that run better: both were asked for. */
  rerunSpec?(run: Run): Spec;
  /** Creates it at Arga. Sent once; throws {@link ArgaError}, whose `sent` says what is known. */
  start(
    arga: ArgaClient,
    spec: Spec,
    signal: AbortSignal,
  ): Promise<Pick<ArgaRun, "id" | "legacy" | "status">>;
  /** Looks for what a create whose answer was lost, sent at `since`, may have made; undefined: there is no way to tell. */
  findCreated?(arga: ArgaClient, run: Run, since: number, signal: AbortSignal): Promise<string[]>;
  observe(arga: ArgaClient, argaRun: ArgaRun, signal: AbortSignal): Promise<Observation>;
  /** All runs of this kind with one request, where Arga has a list: they are then not looked at one by one. */
  listRuns?(arga: ArgaClient, signal: AbortSignal): Promise<ListedRun[]>;
  /** What happens in a run, as it happens, until it is over. Throws {@link ArgaError}. */
  follow?(arga: ArgaClient, argaRun: ArgaRun, following: FollowOptions): AsyncIterable<StreamUpdate>;
  /** What can be asked of it once it exists. */
  actions: readonly Action[];
  /** Returns the new end (ms since the epoch) if Arga's answer to an extension has it. */
  act(
    arga: ArgaClient,
    argaRun: ArgaRun,
    request: ActionRequest,
    signal: AbortSignal,
  ): Promise<number | undefined>;
  /** Asks Arga for what only the entitled may see. */
  secrets?(arga: ArgaClient, argaRun: ArgaRun, signal?: AbortSignal): Promise<SecretGroup[]>;
  /** All of its log, oldest first. */
  logs?(arga: ArgaClient, argaRun: ArgaRun, signal?: AbortSignal): Promise<LogLine[]>;
  /** Whether what it did may be kept as a saved test, by the action `save`. */
  isSavable?(run: Run): boolean;
  /** Whether a request that may have been sent has had its effect; undefined: nobody can tell. */
  hasHappened(run: Run, request: ActionRequest): boolean | undefined;
}

/** The names of a catalog. */
export const twinNamesOf = (catalog: readonly CatalogTwin[]): string[] => catalog.map((twin) => twin.name);
