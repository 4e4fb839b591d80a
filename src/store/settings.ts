import type { Redis } from "ioredis";
import type { QuietHours, Telling } from "../runs/run.ts";
import type { HomeOwner } from "./app-home.ts";
import { guarded, runScript } from "./redis.ts";

/** A twin run that somebody starts again and again. */
export interface Preset {
  name: string;
  /** What follows `/arga twins`, as it was typed. */
  line: string;
  twins: string[];
  minutes?: number;
  scenario?: string;
  prompt?: string;
  private?: true;
}

/** What one person chose for themselves; what isn't there is as for everybody. */
export interface PersonalSettings {
  remindBeforeMinutes?: number;
  /** Of what is started without saying how long. */
  ttlMinutes?: number;
  /** Where they hear of an end, if not by a mention in the thread. */
  end?: "message";
  quiet?: QuietHours;
  /** What they start from Home or a shortcut goes there unless they choose. */
  channel?: string;
  presets: Preset[];
}

/** A delivery is remembered this long, so that its repetition has no second effect, in seconds. */
const ONCE_SECONDS = 24 * 3600;

/** KEYS: settings, mark. ARGV: json, seconds of the mark. Writes them, unless this delivery did before. */
const WRITE = `
if redis.call('SET', KEYS[2], '1', 'EX', ARGV[2], 'NX') then redis.call('SET', KEYS[1], ARGV[1]) end
return 1`;

/** Everybody's own settings: a record for each person. */
export class SettingsStore {
  readonly #redis: Redis;
  readonly #prefix: string;

  constructor(redis: Redis, prefix: string) {
    this.#redis = redis;
    this.#prefix = prefix;
  }

  async of(person: HomeOwner): Promise<PersonalSettings> {
    const json = await guarded(this.#redis.get(this.#key(person)));
    return json ? (JSON.parse(json) as PersonalSettings) : { presets: [] };
  }

  /** Writes them, once for each delivery. */
  async save(person: HomeOwner, settings: PersonalSettings, delivery: string): Promise<void> {
    const mark = `${this.#prefix}:once:${person.team}:settings:${delivery}`;
    const args = [JSON.stringify(settings), ONCE_SECONDS];
    await guarded(runScript(this.#redis, WRITE, [this.#key(person), mark], args));
  }

  #key({ team, user }: HomeOwner): string {
    return `${this.#prefix}:settings:${team}:${user}`;
  }
}

/** What of them a run carries from its request on; undefined: nothing. */
export function tellingOf({ remindBeforeMinutes, end, quiet }: PersonalSettings): Telling | undefined {
  const telling: Telling = {
    ...(remindBeforeMinutes === undefined ? {} : { remindBeforeMs: remindBeforeMinutes * 60_000 }),
    ...(end ? { end } : {}),
    ...(quiet ? { quiet } : {}),
  };
  return Object.keys(telling).length > 0 ? telling : undefined;
}
