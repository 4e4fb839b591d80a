import { setTimeout as sleep } from "node:timers/promises";
import type { Delivery } from "../../../sim/slack/server.ts";
import { isTaken, payloadOf } from "../life.ts";
import { ACTS, ASIDES, STARTS, type Target } from "./commands.ts";
import type { Scene } from "./scene.ts";
import { cardsIn, ENDED, nameIn } from "./seen.ts";
import { DESKS, PEOPLE, PROBES, ROOMS } from "./town.ts";

/** One command that was typed. */
export interface Asked {
  /** Unique, and found again in the card and at Arga where it starts something. */
  name: string;
  text: string;
  who: string;
  channel: string;
  /** `start`: a run of its own name; `rerun`: another of that name; `aside`: an answer alone. */
  sort: "start" | "rerun" | "aside";
  /** In ms since the epoch. */
  at: number;
  /** Slack got its 200 in time, and the person wasn't told that it was for nothing. */
  isAccepted: boolean;
  /** At once, as the acknowledgement. */
  isTold: boolean;
}

const nameOf = (n: number | string): string => `chaos-${n}-x`;
/** Shares of what is typed, in hundredths; the rest asks nothing of a run. */
const SHARES = { start: 25, mention: 3, rerun: 3, act: 40 };

/** Types, one thing after another, and remembers what it was. */
export class Asking {
  readonly asked: Asked[] = [];
  readonly #scene: Scene;
  /** When a person last asked something at a desk, by both. */
  readonly #lastAt = new Map<string, number>();
  #targets: Target[] = [];
  #lookedAt = 0;
  readonly #rerun = new Set<string>();
  #aside = 0;
  #probe = 0;

  constructor(scene: Scene) {
    this.#scene = scene;
  }

  /** Types the n-th command, whatever that is. Never rejects. */
  async ask(n: number): Promise<void> {
    const { random } = this.#scene;
    const share = random.below(100);
    const name = nameOf(n);
    const start = random.pick(Object.values(STARTS))(name, random);
    const who = random.pick(PEOPLE);
    const room = random.pick(ROOMS);
    const act = random.pick(Object.values(ACTS));
    const target = random.pick(this.#known());
    const { start: ofStarts, mention, rerun } = SHARES;
    if (share < ofStarts) await this.#type({ name, text: start, who, channel: room, sort: "start" });
    else if (share < ofStarts + mention)
      await this.#mention({ name, text: start, who, channel: room, sort: "start" });
    else if (share < ofStarts + mention + rerun) await this.#again();
    else if (target && share < ofStarts + mention + rerun + SHARES.act)
      await this.#type({ name, text: act(target.id), ...this.#desk(target.who), sort: "aside" });
    else await this.#type({ name, text: this.#nextAside(), ...this.#desk(who), sort: "aside" });
  }

  /** Types something that starts a run until it is accepted, each time in another channel: what was refused may have been kept. */
  async probe(text = "twins stripe 1"): Promise<Asked> {
    for (;;) {
      const n = this.#probe++;
      const name = nameOf(`p${n}`);
      const who = this.#scene.random.pick(PEOPLE);
      const channel = PROBES[n % PROBES.length] ?? "";
      const what = { name, text: `${text} --prompt ${name}`, who, channel, sort: "start" } as const;
      const asked = await this.#type(what);
      if (asked.isAccepted) return asked;
      await sleep(100);
    }
  }

  /** What is typed or pressed now; whether it's accepted remains to be seen. */
  remember(what: Omit<Asked, "at" | "isAccepted" | "isTold">): Asked {
    const asked = { ...what, at: Date.now(), isAccepted: false, isTold: false };
    this.asked.push(asked);
    return asked;
  }

  /** A run that ended and that nobody has started again. What is done about it is remembered as one command. */
  takeEnded(): Target | undefined {
    const found = this.#known().find(({ name, hasEnded }) => hasEnded && !this.#rerun.has(name));
    if (found) this.#rerun.add(found.name);
    return found;
  }

  /** Runs that are there by now, newest last; looked up every few seconds. */
  #known(): Target[] {
    if (performance.now() - this.#lookedAt < 3_000) return this.#targets;
    this.#lookedAt = performance.now();
    this.#targets = targetsIn(this.#scene, this.asked);
    return this.#targets;
  }

  /** One of a person's desks: the one that they have been away from for longest, so that answers are told apart. */
  #desk(who: string): { who: string; channel: string } {
    const since = (desk: string): number => this.#lastAt.get(`${who} ${desk}`) ?? 0;
    const [first = ""] = [...DESKS].sort((a, b) => since(a) - since(b));
    this.#lastAt.set(`${who} ${first}`, performance.now());
    return { who, channel: first };
  }

  async #again(): Promise<void> {
    const target = this.takeEnded();
    if (!target) return;
    const { id, name, who, channel } = target;
    await this.#type({ name, text: `rerun ${id}`, who, channel, sort: "rerun" });
  }

  #nextAside(): string {
    return ASIDES[this.#aside++ % ASIDES.length] ?? "";
  }

  async #type(what: Omit<Asked, "at" | "isAccepted" | "isTold">): Promise<Asked> {
    const { slack } = this.#scene;
    return await this.#deliver(what, () => slack.command(what.who, what.channel, "/arga", what.text));
  }

  async #mention(what: Omit<Asked, "at" | "isAccepted" | "isTold">): Promise<void> {
    const { slack } = this.#scene;
    await this.#deliver(what, () => slack.mention(what.who, what.channel, what.text));
  }

  /** Everything is brought twice. */
  async #deliver(
    what: Omit<Asked, "at" | "isAccepted" | "isTold">,
    act: () => Promise<Delivery>,
  ): Promise<Asked> {
    const asked = this.remember(what);
    const first = await act();
    asked.isTold = first.shown !== undefined && first.failure === undefined;
    asked.isAccepted = isTaken(first) && !asked.isTold;
    const second = await bringAgain(this.#scene, first);
    asked.isAccepted ||= second === "taken" && !asked.isTold;
    return asked;
  }
}

/**
 * The same delivery once more, soon after the first: the very request, or signed anew; by whatever way Slack has. Says
 * whether the second was taken without a word. Never rejects.
 */
export async function bringAgain(
  { slack, random, fleet }: Scene,
  first: Delivery,
): Promise<"taken" | "other"> {
  await sleep(random.below(400));
  const isSame = random.next() < 0.5 || fleet.mode === "socket";
  try {
    if (isSame) {
      const second = await slack.redeliver(first);
      return isTaken(second) && second.answer === undefined ? "taken" : "other";
    }
    const second = await slack.rawDelivery(formOf(first.payload));
    return second.status === 200 && second.body === "" ? "taken" : "other";
  } catch {
    // Nobody listens.
    return "other";
  }
}

function formOf(payload: Delivery["payload"]): { body: string; contentType: string } {
  if (payload.type === "event_callback")
    return { body: JSON.stringify(payload), contentType: "application/json" };
  const isCommand = typeof payload.command === "string";
  const pairs = Object.entries(isCommand ? payload : { payload: JSON.stringify(payload) });
  const form = new URLSearchParams(pairs.map(([name, value]): [string, string] => [name, String(value)]));
  return { body: form.toString(), contentType: "application/x-www-form-urlencoded" };
}

function targetsIn(scene: Scene, asked: readonly Asked[]): Target[] {
  const starts = new Map(asked.filter(({ sort }) => sort === "start").map((each) => [each.name, each]));
  return ROOMS.flatMap((channel) =>
    cardsIn(scene, channel).flatMap((card) => {
      const { run_id: id, kind } = payloadOf(card) ?? {};
      const start = starts.get(nameIn(card));
      if (!start || typeof id !== "string") return [];
      const { name, who } = start;
      return [{ id, name, who, channel, kind: String(kind), hasEnded: ENDED.test(card.text) }];
    }),
  );
}
