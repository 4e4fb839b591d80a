import type { Redis } from "ioredis";
import type { CatalogTwin } from "../api/catalog.ts";
import { guarded } from "./redis.ts";

/** A catalog this old is fetched again when someone needs it, in milliseconds; an older one still serves while Arga is away. */
const FRESH_MS = 5 * 60_000;

export interface KnownCatalog {
  twins: CatalogTwin[];
  isFresh: boolean;
}

/** Arga's catalog of twins as it was last seen, shared by all processes. */
export class CatalogStore {
  readonly #redis: Redis;
  readonly #key: string;

  constructor(redis: Redis, prefix: string) {
    this.#redis = redis;
    this.#key = `${prefix}:catalog`;
  }

  async get(now: number): Promise<KnownCatalog | undefined> {
    const json = await guarded(() => this.#redis.get(this.#key));
    if (!json) return undefined;
    const { at, twins } = JSON.parse(json) as { at: number; twins: CatalogTwin[] };
    return { twins, isFresh: now - at < FRESH_MS };
  }

  async set(twins: CatalogTwin[], now: number): Promise<void> {
    await guarded(() => this.#redis.set(this.#key, JSON.stringify({ at: now, twins })));
  }
}
