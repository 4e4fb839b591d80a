import { type AnyKind, kindOf } from "../../kinds/index.ts";
import type { Lookups, PreflightProblem } from "../../kinds/kind.ts";
import { findNames } from "../../kinds/names.ts";
import { preflight } from "../../kinds/preflight.ts";
import { isVisible, denialReason as notAllowed } from "../../runs/authority.ts";
import type { Run, Telling } from "../../runs/run.ts";
import { type Mark, RunStore } from "../../store/runs.ts";
import { tellingOf } from "../../store/settings.ts";
import type { Content } from "../../views/card.ts";
import { denial, refusal, textContent } from "../../views/replies.ts";
import type { HandlerContext, Interaction } from "../shared/context.ts";
import { enqueueKept } from "../shared/enqueue.ts";
import { settingsOf } from "./settings.ts";

/** What is known of something that was asked for, before Arga is asked for it. */
interface Preflight {
  spec: unknown;
  /** Why Arga would not take it, as far as what was seen of it last tells; `isCertain`: that is recent enough. */
  problem?: PreflightProblem | undefined;
  isCertain: boolean;
}

/** Makes a spec whole and holds it against Arga's catalog and plan as they were last seen. */
export async function preflightSpec(
  context: HandlerContext,
  interaction: Interaction,
  kind: AnyKind,
  typed: unknown,
): Promise<Preflight> {
  const whole = (await kind.resolve?.(typed, lookups(context, interaction))) ?? typed;
  const needs = kind.needs(whole);
  const { argaCache } = context;
  const [catalog, plan, tests, scenarios] = await Promise.all([
    argaCache.catalog.peek(),
    argaCache.plan.peek(),
    needs.saved === undefined ? undefined : argaCache.tests.peek(),
    needs.scenario === undefined ? undefined : argaCache.scenarios.peek(),
  ]);
  const { found, problem: unknown } = findNames(needs, { tests: tests?.value, scenarios: scenarios?.value });
  const spec = kind.named?.(whole, found) ?? whole;
  const areNamesFresh =
    (needs.saved === undefined || tests?.isFresh === true) &&
    (needs.scenario === undefined || scenarios?.isFresh === true);
  if (unknown) return { spec, problem: unknown, isCertain: areNamesFresh };
  const problem = preflight(needs, { catalog: catalog?.value, plan: plan?.value });
  const isCatalogFresh = needs.twins.length === 0 || catalog?.isFresh === true;
  // A name that is there does not go away; that a plan has something left may change.
  const isCatalogKnown = needs.twins.length === 0 || catalog !== undefined;
  const isPlanFresh = plan?.isFresh === true;
  return {
    spec,
    problem,
    isCertain: problem ? isCatalogFresh && isPlanFresh : isCatalogKnown && isPlanFresh && areNamesFresh,
  };
}

/**
 * Keeps a new run, whose card and creation follow. Returns what to tell the person at once if it will not be
 * tried: what it needs is not there. Where that is not certain, the worker looks.
 */
export async function startRun(
  context: HandlerContext,
  interaction: Interaction,
  kind: AnyKind,
  typed: unknown,
): Promise<Content | undefined> {
  const { spec, problem, isCertain } = await preflightSpec(context, interaction, kind, typed);
  if (problem && isCertain) {
    const { why, tryThis, isMeant } = problem;
    return refusal(why, tryThis, tryThis && isMeant ? [{ label: "Run it", command: tryThis }] : []);
  }
  const checked = !problem && isCertain;
  const telling = tellingOf(await settingsOf(context, interaction));
  const run: Run = { ...newRun(interaction, kind, spec, telling), phase: { name: "requested", checked } };
  await saveRun(context, run, { name: interaction.key });
  return undefined;
}

/** What a kind may look up to make a spec whole. */
const lookups = (context: HandlerContext, { team, actor }: Interaction): Lookups => ({
  argaId: async (kind, id) => {
    const found = await context.store.find(
      team,
      id,
      (run) => run.kind === kind && !!run.arga && isVisible(actor, run, context.config.admins),
    );
    return found.length === 1 ? found[0]?.arga?.id : undefined;
  },
});

/** A second press within this time is taken for the same one, whoever presses, in seconds. */
const AGAIN_SECONDS = 10;

/** Starts a run that ended again, with the same spec, for whoever asks. */
export async function restartRun(
  context: HandlerContext,
  interaction: Interaction,
  run: Run,
): Promise<Content | undefined> {
  const denied = notAllowed(interaction.actor, "rerun", run, context.config.admins);
  if (denied) return denial("rerun", run, denied);
  if (run.phase.name !== "ended")
    return textContent(`\`${run.id}\` is still running; it can be started again once it has ended.`);
  const kind = kindOf(run);
  const tooLong = beyondLimit(context, run);
  if (tooLong) return tooLong;
  const { outcome } = run.phase;
  const telling = tellingOf(await settingsOf(context, interaction));
  const next: Run = {
    ...newRun(interaction, kind, kind.rerunSpec?.(run) ?? kind.spec(run), telling),
    channel: run.channel,
    hidden: run.hidden,
    ...(run.threadTs ? { threadTs: run.threadTs } : {}),
    previous: { id: run.id, outcome, ...(run.tookMs === undefined ? {} : { tookMs: run.tookMs }) },
  };
  const isNew = await saveRun(
    context,
    next,
    { name: interaction.key },
    { name: `again:${run.id}`, seconds: AGAIN_SECONDS },
  );
  return isNew
    ? undefined
    : textContent(`\`${run.id}\` was started again just now; its new card is in the channel.`);
}

/** The limit may have been lowered since. */
function beyondLimit({ config }: HandlerContext, run: Run): Content | undefined {
  const kind = kindOf(run);
  const { ttlMinutes, twins, retype } = kind.needs(kind.spec(run));
  if (ttlMinutes === undefined || ttlMinutes <= config.maxTtlMinutes) return undefined;
  const why = `\`${run.id}\` ran for ${ttlMinutes} minutes, and the most is ${config.maxTtlMinutes} now.`;
  return refusal(why, retype(twins, config.maxTtlMinutes));
}

function newRun(interaction: Interaction, kind: AnyKind, spec: unknown, telling?: Telling): Run {
  const { id, name } = interaction.actor;
  const { ttlMinutes } = kind.needs(spec);
  return {
    v: 1,
    version: 1,
    id: RunStore.newId(),
    team: interaction.team,
    channel: interaction.reply.channel,
    hidden: interaction.hidden,
    kind: kind.kind,
    spec,
    requester: { id, name },
    requestedAt: Date.now(),
    ...(ttlMinutes === undefined ? {} : { ttlMinutes }),
    reply: interaction.reply,
    ...(telling ? { telling } : {}),
    ...(interaction.threadTs ? { threadTs: interaction.threadTs } : {}),
    ...(interaction.sourceThread ? { sourceThread: interaction.sourceThread } : {}),
    phase: { name: "requested", checked: false },
    actionRequests: [],
    seenKeys: [],
    outbox: [],
    card: { state: "due" },
  };
}

/** false: asked for before. */
async function saveRun(context: HandlerContext, run: Run, ...marks: [Mark, ...Mark[]]): Promise<boolean> {
  const created = context.store.create(run, ...marks);
  const isChecked = run.phase.name === "requested" && run.phase.checked;
  // Right behind the record and in the same write; where that isn't made, whoever looks finds nothing to do.
  enqueueKept(context, run, isChecked ? ["slack"] : ["slack", "arga"]);
  return await created;
}
