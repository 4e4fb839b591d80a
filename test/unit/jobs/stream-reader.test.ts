import { pino } from "pino";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Reading } from "../../../src/jobs/arga/stream-reader.ts";
import { RunQueues } from "../../../src/jobs/queues.ts";
import type { StreamUpdate } from "../../../src/kinds/kind.ts";
import type { Run } from "../../../src/runs/run.ts";
import { connectRedis, queueConnection } from "../../../src/store/redis.ts";
import { RunStore } from "../../../src/store/runs.ts";
import { type PrivateRedis, startRedis } from "../../support/redis.ts";
import { PATIENCE_MS, tick } from "../../support/waiting.ts";
import { failOnUnreadable, runIn } from "../support/runs.ts";

const logger = pino({ level: "silent" }) as never;
let server: PrivateRedis;
let store: RunStore;
let queues: RunQueues;
let close: () => Promise<void>;

beforeAll(async () => {
  server = await startRedis();
  const redis = connectRedis({ url: server.path, prefix: "arga" }, logger, PATIENCE_MS);
  const queue = queueConnection({ url: server.path, prefix: "arga" });
  store = new RunStore(redis, "reading", failOnUnreadable);
  queues = new RunQueues(queue, "reading");
  close = async () => {
    await queues.close();
    redis.disconnect();
    queue.disconnect();
  };
});
afterAll(async () => {
  await close();
  await server.stop();
});

let count = 0;

/** A running validation's record. */
async function running(): Promise<Run> {
  const run = runIn("running", { id: `r${count++}`, kind: "url", spec: { url: "https://x.example" } });
  await store.create(run, { name: run.id });
  return run;
}

const step = (key: string): StreamUpdate => ({ steps: [{ key, text: key, state: "done" }], isTurn: false });
const turn: StreamUpdate = { steps: [], isTurn: true };

const told = async (run: Run): Promise<string[]> => (await store.get(run))?.progress?.reportedKeys ?? [];

async function until(isSo: () => Promise<boolean> | boolean): Promise<void> {
  for (const end = Date.now() + PATIENCE_MS; Date.now() < end; await tick()) if (await isSo()) return;
  throw new Error("waited in vain");
}

interface Looks {
  at: number[];
  goesOn: boolean;
}

function reading(run: Run, looks: Looks = { at: [], goesOn: true }) {
  const stopping = new AbortController();
  const look = async (): Promise<boolean> => {
    looks.at.push(Date.now());
    return looks.goesOn;
  };
  return { reading: new Reading({ run, store, queues, logger, look, stopping }), stopping, looks };
}

/** A stream that says this, and then what the gate lets through. */
async function* stream(
  all: StreamUpdate[],
  gate: Promise<StreamUpdate[]> = Promise.resolve([]),
): AsyncGenerator<StreamUpdate> {
  yield* all;
  yield* await gate;
}

test("what was read is in the record when the stream ends", async () => {
  const run = await running();
  await reading(run).reading.read(stream([step("a"), step("b")]));
  expect(await told(run)).toEqual(["a", "b"]);
});

test("each turn is followed by a look, those that come close together by one", async () => {
  const run = await running();
  let open = (_: StreamUpdate[]): void => {};
  const gate = new Promise<StreamUpdate[]>((resolve) => {
    open = resolve;
  });
  const { reading: reader, looks } = reading(run);
  const done = reader.read(stream([turn, turn, turn, step("a")], gate));
  await until(() => looks.at.length === 1);
  await until(async () => (await told(run)).includes("a"));
  await until(() => looks.at.length === 2 || Date.now() - (looks.at[0] ?? 0) > 1_500);
  expect(looks.at.length).toBeLessThanOrEqual(2);
  open([]);
  await done;
});

test("a run that is found over has a moment for what is on its way, and then its stream is ended", async () => {
  const run = await running();
  const { reading: reader, stopping } = reading(run, { at: [], goesOn: false });
  async function* endless(): AsyncGenerator<StreamUpdate> {
    yield turn;
    yield step("late");
    await new Promise<void>((resolve) => stopping.signal.addEventListener("abort", () => resolve()));
  }
  await reader.read(endless());
  expect(await told(run)).toEqual(["late"]);
});

test("what the stream fails with is the caller's", async () => {
  const run = await running();
  async function* broken(): AsyncGenerator<StreamUpdate> {
    yield step("a");
    throw new TypeError("cut");
  }
  await expect(reading(run).reading.read(broken())).rejects.toThrow("cut");
  expect(await told(run)).toEqual(["a"]);
});

test("Redis gone for a while loses nothing that was read, and ends nothing", async () => {
  const run = await running();
  let say = (_: StreamUpdate[]): void => {};
  let end = (): void => {};
  const more = new Promise<StreamUpdate[]>((resolve) => {
    say = resolve;
  });
  const ended = new Promise<void>((resolve) => {
    end = resolve;
  });
  async function* events(): AsyncGenerator<StreamUpdate> {
    yield step("a");
    yield* await more;
    await ended;
  }
  const done = reading(run).reading.read(events());
  await until(async () => (await told(run)).length === 1);
  await server.kill();
  say([step("b"), turn, step("c")]);
  await until(async () => (await store.get(run).catch(() => "away")) === "away");
  await server.start();
  await until(async () => (await told(run).catch(() => [])).length === 3);
  end();
  await done;
  expect(await told(run)).toEqual(["a", "b", "c"]);
});
