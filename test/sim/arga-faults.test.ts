import { beforeEach, describe, expect, test } from "vitest";
import type { FaultRule } from "../../sim/arga/server.ts";
import { arga, call, start } from "./arga-here.ts";

beforeEach(() => start());

const create = () => call("POST", "/twin-runs", { twins: ["stripe"] });
const lastRequest = () => arga.requests.at(-1);

describe("a fault with a status", () => {
  test("answers instead of carrying the request out", async () => {
    arga.fault({ route: "POST /twin-runs", status: 503 });
    expect(await create()).toMatchObject({ status: 503, body: { detail: "Service Unavailable" } });
    expect(arga.runs.size).toBe(0);
    expect(lastRequest()).toMatchObject({ status: 503, applied: false, body: { twins: ["stripe"] } });
  });

  test("has the body and headers that it is given", async () => {
    arga.fault({ status: 429, body: { detail: "slow down" }, retryAfter: 30, headers: { "x-why": "test" } });
    const answer = await create();
    expect(answer).toMatchObject({ status: 429, body: { detail: "slow down" } });
    expect(answer.headers.get("retry-after")).toBe("30");
    expect(answer.headers.get("x-why")).toBe("test");
  });

  test("can be a page of a proxy", async () => {
    arga.fault({ status: 502, body: "<h1>Bad Gateway</h1>", headers: { "content-type": "text/html" } });
    const answer = await create();
    expect(answer.body).toBe("<h1>Bad Gateway</h1>");
    expect(answer.headers.get("content-type")).toBe("text/html");
  });

  test("comes before the key is looked at", async () => {
    arga.fault({ status: 500 });
    expect((await call("GET", "/twins", undefined, { key: null })).status).toBe(500);
  });

  test("can hide that the request was carried out", async () => {
    arga.fault({ status: 504, applyFirst: true, times: 1 });
    expect((await create()).status).toBe(504);
    expect(arga.runs.size).toBe(1);
    expect(lastRequest()).toMatchObject({ status: 504, applied: true });
  });
});

describe("which requests a fault strikes", () => {
  test("those after the first, as often as it says", async () => {
    arga.fault({ route: "POST /twin-runs", after: 1, times: 2, status: 500 });
    const seen: number[] = [];
    for (let n = 0; n < 5; n += 1) seen.push((await create()).status);
    expect(seen).toEqual([200, 500, 500, 200, 200]);
  });

  test.each<[string, FaultRule["route"]]>([
    ["its pattern", "POST /twin-runs/{run_id}/lock"],
    ["its pattern with another name", "POST /twin-runs/{id}/lock"],
    ["a regular expression", /\/lock$/],
    ["a regular expression with a memory", /POST .*lock/g],
  ])("those named by %s", async (_, route) => {
    await create();
    const [run] = arga.runs.values();
    arga.fault({ ...(route && { route }), status: 500 });
    expect((await call("POST", `/twin-runs/${run?.runId}/lock`)).status).toBe(500);
    expect((await call("POST", `/twin-runs/${run?.runId}/lock`)).status).toBe(500);
    expect((await call("GET", `/twin-runs/${run?.runId}`)).status).toBe(200);
  });

  test("those of one run", async () => {
    await create();
    await create();
    const [first, second] = [...arga.runs.keys()];
    arga.fault({ route: `GET /twin-runs/${first}`, status: 500 });
    expect((await call("GET", `/twin-runs/${first}`)).status).toBe(500);
    expect((await call("GET", `/twin-runs/${second}`)).status).toBe(200);
  });

  test("one rule after the other, in the order in which they came", async () => {
    arga.fault({ times: 1, status: 500 });
    arga.fault({ times: 1, status: 429 });
    expect([(await create()).status, (await create()).status, (await create()).status]).toEqual([
      500, 429, 200,
    ]);
  });

  test("none once it is taken back, or all are", async () => {
    const remove = arga.fault({ status: 500 });
    remove();
    expect((await create()).status).toBe(200);
    arga.fault({ status: 500 });
    arga.clearFaults();
    expect((await create()).status).toBe(200);
  });
});

describe("a cut connection", () => {
  test("reset: nothing was done", async () => {
    arga.fault({ action: "reset", times: 1 });
    await expect(create()).rejects.toThrow("fetch failed");
    expect(arga.runs.size).toBe(0);
    expect(lastRequest()).toMatchObject({ status: "reset", applied: false });
  });

  test("lose: it was done, and nobody was told", async () => {
    arga.fault({ action: "lose", times: 1 });
    await expect(create()).rejects.toThrow("fetch failed");
    expect(arga.runs.size).toBe(1);
    expect(lastRequest()).toMatchObject({ status: "lost", applied: true });
  });
});

describe("a slow answer", () => {
  test("delayMs: it is late", async () => {
    arga.fault({ delayMs: 80 });
    const before = performance.now();
    expect((await create()).status).toBe(200);
    expect(performance.now() - before).toBeGreaterThan(75);
  });

  test("hold: nothing is done until the test lets go", async () => {
    let letGo = () => {};
    const hold = new Promise<void>((resolve) => {
      letGo = resolve;
    });
    arga.fault({ route: "POST /twin-runs", hold });
    const answer = create();
    await arga.until(() => lastRequest()?.status === "pending");
    // A later request overtakes the one that is held.
    await call("GET", "/twins");
    expect(arga.runs.size).toBe(0);
    letGo();
    expect((await answer).status).toBe(200);
    expect(arga.runs.size).toBe(1);
  });

  test("hang: no answer at all, and nothing done", async () => {
    arga.fault({ action: "hang" });
    const answer = create();
    answer.catch(() => {});
    await arga.until(() => lastRequest()?.status === "hang");
    expect(arga.runs.size).toBe(0);
    await arga.close();
    await expect(answer).rejects.toThrow("fetch failed");
  });

  test("close ends what is waiting, and it is never carried out", async () => {
    arga.fault({ delayMs: 60_000 });
    const answer = create();
    answer.catch(() => {});
    await arga.until(() => lastRequest()?.status === "pending");
    await arga.close();
    await expect(answer).rejects.toThrow("fetch failed");
    expect(arga.runs.size).toBe(0);
  });
});

describe("a rule that contradicts itself", () => {
  test.each<FaultRule>([
    { action: "respond" },
    { action: "lose", status: 500 },
    { status: 99 },
    { retryAfter: 3 },
    { body: "x" },
  ])("is refused: %o", (rule) => {
    expect(() => arga.fault(rule)).toThrow(RangeError);
  });
});

describe("until", () => {
  test("gives what the probe found", async () => {
    const found = arga.until(({ runs }) => [...runs.values()].find(({ status }) => status === "queued"));
    await create();
    expect((await found).twins).toEqual(["stripe"]);
  });

  test("says what there was when its time is up", async () => {
    await create();
    const waiting = arga.until(({ runs }) => runs.size > 1, 50);
    await expect(waiting).rejects.toThrow(
      /not so after 50 ms[\s\S]*stripe queued[\s\S]*POST \/twin-runs → 200/,
    );
  });

  test("passes on what the probe throws", async () => {
    const waiting = arga.until(() => {
      throw new Error("broken probe");
    });
    await expect(waiting).rejects.toThrow("broken probe");
  });
});
