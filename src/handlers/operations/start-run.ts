import { type AnyKind, kindOf } from "../../kinds/index.ts";
import type { Lookups, Unfit } from "../../kinds/kind.ts";
import { unfit } from "../../kinds/preflight.ts";
import { isVisible, refusal as notAllowed } from "../../runs/authority.ts";
import type { Run } from "../../runs/run.ts";
import { type Mark, RunStore } from "../../store/runs.ts";
import type { Content } from "../../views/card.ts";
import { refusal, says } from "../../views/replies.ts";
import { safe } from "../../views/text.ts";
import type { Desk, Request } from "../shared/context.ts";

/** What is known of something that was asked for, before Arga is asked for it. */
export interface Judged {
  spec: unknown;
  /** Why Arga would not take it, as far as what was seen of it last tells; `isCertain`: that is recent enough. */
  problem?: Unfit | undefined;
  isCertain: boolean;
}

/** Makes a spec whole and holds it against Arga's catalog and plan as they were last seen. */
export async function judge(desk: Desk, request: Request, kind: AnyKind, typed: unknown): Promise<Judged> {
  const spec = (await kind.completed?.(typed, lookups(desk, request))) ?? typed;
  const needs = kind.needs(spec);
  const [catalog, plan] = await Promise.all([desk.knowledge.catalog.last(), desk.knowledge.plan.last()]);
  const problem = unfit(needs, { catalog: catalog?.value, plan: plan?.value });
  const isCatalogFresh = needs.twins.length === 0 || catalog?.isFresh === true;
  // A name that is there does not go away; that a plan has something left may change.
  const isCatalogKnown = needs.twins.length === 0 || catalog !== undefined;
  const isPlanFresh = plan?.isFresh === true;
  return {
    spec,
    problem,
    isCertain: problem ? isCatalogFresh && isPlanFresh : isCatalogKnown && isPlanFresh,
  };
}

/**
 * Keeps a new run, whose card and creation follow. Returns what to tell the person at once if it will not be
 * tried: what it needs is not there. Where that is not certain, the worker looks.
 */
export async function open(
  desk: Desk,
  request: Request,
  kind: AnyKind,
  typed: unknown,
): Promise<Content | undefined> {
  const { spec, problem, isCertain } = await judge(desk, request, kind, typed);
  if (problem && isCertain) return refusal(problem.why, problem.tryThis);
  const checked = !problem && isCertain;
  const run: Run = { ...newRun(request, kind, spec), phase: { name: "requested", checked } };
  await keep(desk, run, { name: request.key });
  return undefined;
}

/** What a kind may look up to make a spec whole. */
const lookups = (desk: Desk, { team, actor }: Request): Lookups => ({
  testName: async (id) => (await desk.knowledge.tests.last())?.value.find((test) => test.id === id)?.name,
  argaId: async (kind, id) => {
    const found = (await desk.store.find(team, id)).filter(
      (run) => run.kind === kind && run.arga && isVisible(actor, run, desk.config.admins),
    );
    return found.length === 1 ? found[0]?.arga?.id : undefined;
  },
});

/** A second press within this time is taken for the same one, whoever presses, in seconds. */
const AGAIN_SECONDS = 10;

/** Starts a run that ended again, with the same spec, for whoever asks. */
export async function openAgain(desk: Desk, request: Request, run: Run): Promise<Content | undefined> {
  const denied = notAllowed(request.actor, "rerun", run, desk.config.admins);
  if (denied) return says(`You cannot start \`${run.id}\` again: ${safe(denied)}.`);
  if (run.phase.name !== "ended")
    return says(`\`${run.id}\` is still running; it can be started again once it has ended.`);
  const kind = kindOf(run);
  const tooLong = beyondLimit(desk, run);
  if (tooLong) return tooLong;
  const { outcome } = run.phase;
  const next: Run = {
    ...newRun(request, kind, kind.again?.(run) ?? kind.spec(run)),
    channel: run.channel,
    hidden: run.hidden,
    ...(run.threadTs ? { threadTs: run.threadTs } : {}),
    previous: { id: run.id, outcome, ...(run.tookMs === undefined ? {} : { tookMs: run.tookMs }) },
  };
  const isNew = await keep(
    desk,
    next,
    { name: request.key },
    { name: `again:${run.id}`, seconds: AGAIN_SECONDS },
  );
  return isNew
    ? undefined
    : says(`\`${run.id}\` was started again just now; its new card is in the channel.`);
}

/** The limit may have been lowered since. */
function beyondLimit({ config }: Desk, run: Run): Content | undefined {
  const kind = kindOf(run);
  const { ttlMinutes, twins, retyped } = kind.needs(kind.spec(run));
  if (ttlMinutes === undefined || ttlMinutes <= config.maxTtlMinutes) return undefined;
  const why = `\`${run.id}\` ran for ${ttlMinutes} minutes, and ${config.maxTtlMinutes} are the most that may be asked for now.`;
  return refusal(why, retyped(twins, config.maxTtlMinutes));
}

function newRun(request: Request, kind: AnyKind, spec: unknown): Run {
  const { id, name } = request.actor;
  const { ttlMinutes } = kind.needs(spec);
  return {
    v: 1,
    version: 1,
    id: RunStore.newId(),
    team: request.team,
    channel: request.reply.channel,
    hidden: request.hidden,
    kind: kind.kind,
    spec,
    requester: { id, name },
    requestedAt: Date.now(),
    ...(ttlMinutes === undefined ? {} : { ttlMinutes }),
    reply: request.reply,
    ...(request.threadTs ? { threadTs: request.threadTs } : {}),
    ...(request.alsoTell ? { alsoTell: request.alsoTell } : {}),
    phase: { name: "requested", checked: false },
    wishes: [],
    taken: [],
    outbox: [],
    card: { state: "due" },
  };
}

/** false: asked for before. */
async function keep(desk: Desk, run: Run, ...marks: [Mark, ...Mark[]]): Promise<boolean> {
  if (!(await desk.store.create(run, ...marks))) return false;
  const isChecked = run.phase.name === "requested" && run.phase.checked;
  const pokes = [desk.queues.poke("slack", run), ...(isChecked ? [] : [desk.queues.poke("arga", run)])];
  // It is kept; if nobody can be poked now, the sweep finds it.
  await Promise.all(pokes).catch((error: unknown) =>
    desk.logger.warn({ run: run.id, err: error }, "A new run waits for the sweep"),
  );
  return true;
}
