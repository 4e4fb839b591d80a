import type { ArgaOptions } from "../../sim/arga/server.ts";
import type { SlackMessage } from "../../sim/slack/server.ts";
import type { TracedWorld } from "./world.ts";

/** One path through the bot, from what sets it off to what a person sees of it. */
export interface Scenario {
  name: string;
  /** The same path, cut when the delivery was answered, under this name. */
  untilAnswered?: string;
  arga: ArgaOptions;
  env?: Record<string, string>;
  /** Leads up to it, and is not measured. */
  prepare(world: TracedWorld): Promise<void>;
  /** Resolves when it shows. */
  act(world: TracedWorld): Promise<void>;
}

/** Nothing happens at Arga but what a scenario makes happen. */
const BY_HAND: ArgaOptions = { speed: 1, provisionSeconds: 28_800, runSeconds: 28_800, heartbeatSeconds: 0 };
const PATIENCE_MS = 40_000;

export const scenarios: Scenario[] = [
  {
    name: "nothing for 5 s, with a ready twin (for comparison)",
    arga: BY_HAND,
    prepare: readyTwin,
    act: () => new Promise((resolve) => setTimeout(resolve, 5_000)),
  },
  {
    name: "`/arga twins stripe 60`, up to the twin being ready on card and thread",
    untilAnswered: "`/arga twins stripe 60`, up to the ack",
    arga: BY_HAND,
    prepare: oneTwinBefore,
    act: readyTwin,
  },
  {
    name: "press Extend, up to the new end on card and thread",
    arga: BY_HAND,
    prepare: readyTwin,
    act: extend,
  },
  {
    name: "reminder, from its time up to the thread",
    // An hour passes in fifteen seconds, and the last six of them are after the reminder.
    arga: { ...BY_HAND, speed: 240 },
    env: { REMIND_BEFORE_MINUTES: "0.1" },
    prepare: readyTwin,
    act: nextInThread,
  },
  {
    name: "one step of a validation's stream, up to card and thread",
    arga: BY_HAND,
    prepare: runningValidation,
    act: oneStep,
  },
  {
    name: "a validation's end, up to card, thread and the notice in a subscribed channel",
    arga: BY_HAND,
    prepare: async (world) => {
      await type(world, "ops", "notify on");
      await runningValidation(world);
    },
    act: failing,
  },
];

async function readyTwin(world: TracedWorld): Promise<void> {
  const { arga, slack } = world;
  const known = arga.runs.size;
  const before = world.card()?.ts;
  await type(world, "dev", "twins stripe 60");
  const id = await arga.until(() => arga.runs.size > known && createdId(world), PATIENCE_MS);
  arga.control.ready(id);
  await slack.until(
    () =>
      world.card()?.ts !== before && shows(world.card(), '"run.credentials"') && world.thread().length > 0,
    PATIENCE_MS,
  );
}

/** The newest twin run, once the bot was told of it. */
function createdId({ arga }: TracedWorld): string | undefined {
  const created = arga.requests.filter(({ route, applied }) => route === "POST /twin-runs" && applied);
  return created.length === arga.runs.size ? [...arga.runs.keys()].at(-1) : undefined;
}

/** So that what is remembered of Arga, and the scripts that Redis keeps, are there already. */
async function oneTwinBefore(world: TracedWorld): Promise<void> {
  const { arga, slack } = world;
  await readyTwin(world);
  const [run] = [...arga.runs.values()];
  if (run) arga.control.fail(run.runId, "the disk is full");
  const card = world.card();
  if (card) await slack.press("alice", card, "run.extend", { value: "120" });
  await slack.until(() => shows(world.card(), '"run.rerun"'), PATIENCE_MS);
}

async function extend(world: TracedWorld): Promise<void> {
  const { arga, slack } = world;
  const [card, said] = [world.card(), world.thread().length];
  const [run] = [...arga.runs.values()];
  if (!card || !run) throw new Error("there is no run");
  const end = run.expiresAt;
  await slack.press("alice", card, "run.extend", { value: "240" });
  await slack.until(
    () =>
      run.expiresAt !== end &&
      shows(world.card(), `<!date^${Math.round((run.expiresAt ?? 0) / 1000)}^`) &&
      world.thread().length > said,
    PATIENCE_MS,
  );
}

async function nextInThread(world: TracedWorld): Promise<void> {
  const said = world.thread().length;
  await world.slack.until(() => world.thread().length > said, PATIENCE_MS);
}

/** Under way, with its first step told. */
async function runningValidation(world: TracedWorld): Promise<void> {
  await type(world, "dev", 'validate https://shop.example.com "open the shop, add a mug, check out"');
  const id = await world.arga.until(({ validations }) => [...validations.keys()][0], PATIENCE_MS);
  await world.quiet();
  world.arga.control.validations.step(id);
  await world.quiet();
  await oneStep(world);
}

async function oneStep(world: TracedWorld): Promise<void> {
  const { arga, slack } = world;
  const [card, told] = [world.card(), threadStates(world)];
  arga.control.validations.step([...arga.validations.keys()][0] ?? "");
  await slack.until(() => world.card()?.at !== card?.at && threadStates(world) > told, PATIENCE_MS);
}

/** How much the thread has said, edits included: steps are one message that grows. */
const threadStates = ({ thread }: TracedWorld): number =>
  thread().reduce((count, { history }) => count + 1 + history.length, 0);

async function failing({ arga, slack, card }: TracedWorld): Promise<void> {
  arga.control.validations.fail([...arga.validations.keys()][0] ?? "", "the worker was lost");
  await slack.until(
    () =>
      shows(card(), '"run.rerun"') &&
      slack.messages("ops").some(({ metadata }) => metadata?.event_payload.role === "notice"),
    PATIENCE_MS,
  );
}

async function type({ slack }: TracedWorld, channel: string, words: string): Promise<void> {
  const { delivered, failure } = await slack.command("alice", channel, "/arga", words);
  if (!delivered || failure) throw new Error(`"${words}" was not taken: ${failure}`);
}

const shows = (message: SlackMessage | undefined, words: string): boolean =>
  message !== undefined && `${message.text} ${JSON.stringify(message.blocks)}`.includes(words);
