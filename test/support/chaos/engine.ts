import { setTimeout as sleep } from "node:timers/promises";
import { Asking } from "./asking.ts";
import { type Fates, fatesOf, noticesRepeated, OUT_OF_DATE } from "./fates.ts";
import type { Role } from "./fleet.ts";
import { type Scene, startScene } from "./scene.ts";
import { secretsIn } from "./secrets.ts";
import { messagesOf } from "./seen.ts";
import type { Stage } from "./stage.ts";
import { possible, TROUBLES } from "./troubles.ts";

/** The promises under fire: what is typed while everything that can break breaks, and what becomes of it. */

export interface ChaosOptions {
  commands: number;
  seed: number;
  /** Milliseconds between two commands, and between the end of one trouble and the next. */
  pace: { command: number; trouble: number };
  roles: readonly Role[];
  /** Only these; everything that is possible when left out. */
  troubles?: readonly string[];
  /** None of these. */
  without?: readonly string[];
  /** After this share of the commands, everything comes by sockets; 1 when left out: never. */
  socketsFrom?: number;
  /** Another build of the bot, which takes turns with this one. */
  otherApp?: string | undefined;
  /** How long from the last trouble until everything must be as it should, in ms. */
  settleMs: number;
  /** When to look for cards that are out of date, in ms from the last trouble; 0 not to. */
  staleAfterMs?: number;
  say?: (line: string) => void;
}

export interface ChaosResult {
  fates: Fates;
  commands: number;
  troubles: Map<string, number>;
  /** What must not be; empty if all is well. */
  wrong: Record<string, string[]>;
  secrets: string[];
  /** Names whose cards were out of date so long after the last trouble. */
  stale: string[];
  /** Milliseconds, of each time. */
  moves: number[];
  resumes: number[];
  starts: number[];
  settledMs: number;
  /** Which calls Slack refused because the bot was too fast, and after which trouble. */
  provoked: string[];
}

/** What the bot says of a mistake of its own: there must be none. */
const OWN_FAULT = "Something went wrong on my side";

export async function runChaos(options: ChaosOptions): Promise<ChaosResult> {
  const scene = await startScene(options.seed, options.roles);
  try {
    return await new Chaos(scene, options).run();
  } finally {
    await scene.stop();
  }
}

class Chaos {
  readonly #scene: Scene;
  readonly #options: ChaosOptions;
  readonly #stage: Stage;
  readonly #asking: Asking;
  readonly #troubles = new Map<string, number>();
  readonly #secrets = new Set<string>();
  /** When each trouble began, in ms since the epoch. */
  readonly #began: { name: string; at: number }[] = [];
  #typed = 0;

  constructor(scene: Scene, options: ChaosOptions) {
    this.#scene = scene;
    this.#options = options;
    this.#asking = new Asking(scene);
    const { otherApp } = options;
    this.#stage = { scene, asking: this.#asking, moves: [], resumes: [], starts: [], found: [], otherApp };
  }

  async run(): Promise<ChaosResult> {
    const { commands } = this.#options;
    const trouble = this.#makeTrouble();
    await this.#askAll();
    await trouble;
    const { slack, fleet } = this.#scene;
    slack.clearFaults();
    this.#scene.arga.clearFaults();
    const settled = await this.#settle();
    await this.#lookForSecrets();
    const { found, moves, resumes, starts } = this.#stage;
    const wrong = {
      ...settled.fates.wrong,
      "notices repeated": noticesRepeated(this.#scene),
      "mistakes that the bot owns up to": messagesOf(this.#scene).includes(OWN_FAULT) ? [OWN_FAULT] : [],
      "processes that ended by themselves, or not when told to": fleet.misbehaved,
      "what troubles found": found,
    };
    const provoked = slack.log
      .filter(({ status, fault }) => status === 429 && fault === undefined)
      .map(({ method, at }) => `${method} after ${this.#began.findLast((each) => each.at <= at)?.name}`);
    const measured = { moves, resumes, starts, provoked };
    return {
      ...settled,
      ...measured,
      commands,
      troubles: this.#troubles,
      wrong,
      secrets: [...this.#secrets],
    };
  }

  async #askAll(): Promise<void> {
    const asked: Promise<void>[] = [];
    for (let n = 0; n < this.#options.commands; n++) {
      asked.push(this.#asking.ask(n));
      this.#typed += 1;
      if (n % 10 === 0) this.#say();
      await sleep(this.#options.pace.command);
    }
    await Promise.all(asked);
  }

  /** One after another, each of those that are possible before any comes again. */
  async #makeTrouble(): Promise<void> {
    const { pace, commands, socketsFrom = 1, troubles, without = [] } = this.#options;
    const { fleet, random } = this.#scene;
    let left: string[] = [];
    while (this.#typed < commands) {
      await sleep(pace.trouble * (0.5 + random.next()));
      if (fleet.mode === "http" && this.#typed >= commands * socketsFrom) await this.#toSockets();
      if (left.length === 0)
        left = random.shuffled(troubles ?? possible(this.#stage)).filter((name) => !without.includes(name));
      const name = left.pop();
      if (name === undefined) return;
      this.#troubles.set(name, (this.#troubles.get(name) ?? 0) + 1);
      this.#began.push({ name, at: Date.now() });
      this.#say(name);
      await TROUBLES[name]?.(this.#stage);
      if (left.length === 0) await this.#lookForSecrets();
    }
  }

  async #toSockets(): Promise<void> {
    this.#say("sockets from now on");
    await this.#scene.fleet.useSockets();
  }

  async #lookForSecrets(): Promise<void> {
    for (const place of await secretsIn(this.#scene)) this.#secrets.add(place);
  }

  /** Waits until everything is as it should be, at most so long. */
  async #settle(): Promise<Pick<ChaosResult, "fates" | "stale" | "settledMs">> {
    const { settleMs, staleAfterMs = 0 } = this.#options;
    const since = performance.now();
    const waited = (): number => performance.now() - since;
    let stale: string[] | undefined;
    for (;;) {
      const fates = fatesOf(this.#scene, this.#asking.asked);
      const open = Object.values(fates.wrong).flat();
      if (stale === undefined && (waited() >= staleAfterMs || open.length === 0))
        stale = fates.wrong[OUT_OF_DATE] ?? [];
      if (open.length === 0 || waited() > settleMs) return { fates, stale: stale ?? [], settledMs: waited() };
      this.#say(`settling: ${open.length} left`);
      await sleep(1_000);
    }
  }

  #say(what = ""): void {
    const count = [...this.#troubles.values()].reduce((a, b) => a + b, 0);
    this.#options.say?.(`${this.#typed} commands, ${count} troubles ${what}`);
  }
}
