import type { ActionRequest, Phase, PhaseName, ReplyTo, Run } from "../../../src/runs/run.ts";
import type { Observation } from "../../../src/runs/transitions.ts";

/** Records as the bot writes them, for tests of what is made of them. */

export const NOW = Date.UTC(2026, 9, 1, 12);
export const MINUTE = 60_000;
export const REMIND_BEFORE = 5 * MINUTE;

export const ADA = { id: "U0ADA", name: "ada" };
export const BOB = { id: "U0BOB", name: "bob" };

const replyTo = (user: string, channel = "C0GENERAL"): ReplyTo => ({ user, channel, at: NOW });

/** A twin run of Ada's that was just asked for; whatever else is wanted goes on top. */
export const newRun = (more: Partial<Run> = {}): Run => ({
  v: 1,
  version: 1,
  team: "T0ACME",
  id: "k7m2qx",
  channel: "C0GENERAL",
  hidden: false,
  kind: "twin",
  spec: { twins: ["stripe"], ttlMinutes: 60 },
  requester: ADA,
  requestedAt: NOW,
  reply: replyTo(ADA.id),
  phase: { name: "requested", checked: true },
  actionRequests: [],
  seenKeys: [],
  outbox: [],
  card: { state: "due" },
  ...more,
});

const PHASES: Record<PhaseName, Phase> = {
  requested: { name: "requested", checked: true },
  creating: { name: "creating", attempt: "a1", since: NOW },
  starting: { name: "starting", since: NOW },
  running: { name: "running", since: NOW },
  ready: { name: "ready", since: NOW },
  ending: { name: "ending", since: NOW },
  ended: { name: "ended", at: NOW, outcome: "torn_down" },
};

export const PHASE_NAMES = Object.keys(PHASES) as PhaseName[];

const ARGA_ID = "5b1c3c9e-8f0a-4b6e-9d3d-2f1a7c5e4b10";

/** A run in that phase, with what it then has: its side at Arga, its end in an hour, its card. */
export function runIn(name: PhaseName, more: Partial<Run> = {}): Run {
  const phase = PHASES[name];
  const posted: Run["card"] = { state: "posted", ts: "1.2", hash: "", shown: name, at: NOW };
  if (name === "requested" || name === "creating") return newRun({ phase, card: posted, ...more });
  const status = name === "ended" ? "torn_down" : name;
  const arga = { id: ARGA_ID, status, isPublic: true, links: [] };
  const deadline = { at: NOW + 60 * MINUTE, remindAt: NOW + 55 * MINUTE, reminded: false };
  return newRun({ phase, card: posted, arga, deadline, ...more });
}

export const wishOf = (more: Partial<ActionRequest> = {}): ActionRequest => ({
  key: "trigger-1",
  action: "lock",
  by: BOB,
  at: NOW,
  reply: replyTo(BOB.id),
  state: { name: "pending" },
  ...more,
});

/** A look at Arga that found this state. */
export const seen = (
  state: NonNullable<Observation["state"]>,
  more: Partial<Observation> = {},
): Observation => ({
  state,
  arga: { status: state, links: [] },
  ...more,
});

/** The same record, which throws when anything in it is written to. */
export function frozen<T>(value: T): T {
  if (typeof value === "object" && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const inner of Object.values(value)) frozen(inner);
  }
  return value;
}

/** For a store whose records can all be read. */
export const failOnUnreadable = (_ref: unknown, error: unknown): never => {
  throw error;
};
