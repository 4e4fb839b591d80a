import type { Run, ThreadMessage } from "../../runs/run.ts";
import { forsaken, unheard } from "../../runs/transitions.ts";
import { changesAt, SILENCE_MS } from "../../views/card.ts";
import { type Outlook, outdated, type Step } from "../reconciler.ts";
import { tellAlso } from "./also.ts";
import { change, isStale, type Result, type SlackSide } from "./deps.ts";
import { editCard } from "./editing.ts";
import { tellPerson } from "./personal.ts";
import { postCard, postStory } from "./posting.ts";

/** Work that is due. Pieces of one `lane` are done in order; a lane that waits holds up no other. */
interface Work {
  lane: "channel" | "edit" | "notices" | "personal" | "also";
  perform: (side: SlackSide, run: Run) => Promise<Result>;
}

/** A run whose names could not be checked within this time gets its card all the same, so that someone hears of it. */
const CARD_WITHOUT_CHECK_MS = 2_500;
const ROUNDS = 20;

/** Brings Slack in line with a run's record: card, thread, and answers to single people. */
export const slackStep =
  (side: SlackSide): Step =>
  async (ref) => {
    const run = await side.store.get(ref);
    if (!run) return undefined;
    return await workOff(side, isForsaken(run) ? await change(side, run, forsaken) : run);
  };

async function workOff(side: SlackSide, from: Run): Promise<Outlook> {
  let run = from;
  const waits = new Map<Work["lane"], number>();
  for (let round = 0; round < ROUNDS; round++) {
    const work = dueWork(side, run).find(({ lane }) => !waits.has(lane));
    if (!work) return outlook(side, run, [...waits.values()]);
    const result = await work.perform(side, run);
    run = result.run;
    if (result.again !== undefined) waits.set(work.lane, result.again);
  }
  // Enough for one job; the rest is for another, so that no run keeps a worker.
  return { next: Date.now(), isOld: outdated(side.store, run, slackGist) };
}

/** What could not be told for this long after the end will not be. */
const FORSAKEN_MS = 24 * 3600_000;

const isForsaken = ({ phase, card }: Run): boolean =>
  phase.name === "ended" && card.state !== "none" && Date.now() - phase.at > FORSAKEN_MS;

/** What this side depends on: everything shows. */
const slackGist = (run: Run): string => String(run.version);

function outlook(side: SlackSide, run: Run, waits: number[]): Outlook {
  const moments = [...waits, ...later(run, Date.now())];
  const next = moments.length > 0 ? Math.min(...moments) : undefined;
  side.logger.trace({ run: run.id, phase: run.phase.name, next }, "Slack side looked at");
  return { isOld: outdated(side.store, run, slackGist), ...(next === undefined ? {} : { next }) };
}

/** When something becomes due without anything having happened. */
function later(run: Run, now: number): number[] {
  const moments =
    run.card.state === "due" || run.card.state === "sending"
      ? [run.requestedAt + CARD_WITHOUT_CHECK_MS, run.requestedAt + SILENCE_MS].filter((at) => at > now)
      : [];
  const story = run.outbox.find((message) => message.to === "thread");
  const others = [changesAt(run, now) ?? 0, story ? gatheredAt(run, story) : 0];
  return [...moments, ...others.filter((at) => at > now)];
}

/** Changes within this time become one edit, but for the two that people wait for. */
const EDIT_GAP_MS = 1_000;

/** When a card that is out of date may be edited. */
function editAt({ card, phase }: Run): number {
  if (card.state !== "posted") return Number.POSITIVE_INFINITY;
  const isAwaited = (phase.name === "ready" || phase.name === "ended") && card.shown !== phase.name;
  return isAwaited ? 0 : card.at + EDIT_GAP_MS;
}

function dueWork(side: SlackSide, run: Run): Work[] {
  const work: Work[] = [];
  if (wantsCard(run)) work.push({ lane: "channel", perform: postCard });
  const next = run.outbox.find((message) => message.to === "thread");
  if (next && run.card.state === "posted" && gatheredAt(run, next) <= Date.now())
    work.push({ lane: "channel", perform: (s, r) => postStory(s, r, next) });
  const broadcast = run.outbox.find((message) => message.to === "subscribers");
  if (broadcast && run.card.state !== "due" && run.card.state !== "sending")
    work.push({ lane: "notices", perform: async (s, r) => ({ run: await s.expand(r, broadcast) }) });
  const also = run.outbox.find((message) => message.to === "also");
  if (also && run.card.state !== "due" && run.card.state !== "sending")
    work.push({ lane: "also", perform: (s, r) => tellAlso(s, r, also) });
  if (isStale(side, run)) work.push({ lane: "edit", perform: editInTime });
  if (isUnheard(run))
    work.push({
      lane: "personal",
      perform: async (s, r) => ({ run: await change(s, r, (now) => unheard(now, Date.now())) }),
    });
  const personal = run.outbox.find((message) => message.to === "person");
  if (personal) work.push({ lane: "personal", perform: (s, r) => tellPerson(s, r, personal) });
  return work;
}

/** Steps are told a few at a time: in ms from the first of them, or at once with the end. */
const GATHER_MS = 2_500;

const gatheredAt = ({ phase }: Run, { what }: ThreadMessage): number =>
  what.type === "steps" && phase.name !== "ended" ? what.since + GATHER_MS : 0;

const editInTime: Work["perform"] = async (side, run) => {
  const at = editAt(run);
  return at > Date.now() ? { run, again: at } : await editCard(side, run);
};

const isUnheard = ({ card, phase, requestedAt, taken }: Run): boolean =>
  phase.name === "requested" &&
  (card.state === "due" || card.state === "sending") &&
  Date.now() - requestedAt >= SILENCE_MS &&
  !taken.includes("unheard");

function wantsCard({ card, phase, requestedAt }: Run): boolean {
  if (card.state === "sending") return true;
  if (card.state !== "due") return false;
  const isChecked = phase.name !== "requested" || phase.checked;
  return isChecked || Date.now() - requestedAt >= CARD_WITHOUT_CHECK_MS;
}
