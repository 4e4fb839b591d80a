import { createParser, type EventSourceMessage } from "eventsource-parser";
import { describe, expect, test } from "vitest";
import type { ArgaOptions, StreamFault } from "../../sim/arga/server.ts";
import { arga, start as startAny } from "./arga-here.ts";

/** Starts a run that is over unless it is to be moved by hand. */
async function start(options: ArgaOptions = {}, over = true): Promise<string> {
  await startAny(options);
  const { validations } = arga.control;
  const { runId } = validations.start({ runType: "url_run", url: "https://example.com", prompt: "A, b" });
  if (over) validations.finish(runId);
  return runId;
}

interface Heard {
  response: Response;
  events: EventSourceMessage[];
  comments: string[];
  retry: number | undefined;
  text: string;
  /** How the stream ended: `clean`, or what the connection threw. */
  end: Promise<string>;
}

/** Listens to a stream, as it comes, with a parser that is not ours. */
async function listen(path: string, init: RequestInit = {}): Promise<Heard> {
  const headers = { authorization: `Bearer ${arga.key}`, ...init.headers };
  const response = await fetch(`${arga.url}${path}`, { ...init, headers });
  const heard: Heard = {
    ...{ response, events: [], comments: [], retry: undefined, text: "" },
    end: Promise.resolve(""),
  };
  const parser = createParser({
    onEvent: (event) => heard.events.push(event),
    onComment: (comment) => heard.comments.push(comment.trim()),
    onRetry: (retry) => {
      heard.retry = retry;
    },
  });
  const read = async () => {
    const decoder = new TextDecoder();
    for await (const chunk of response.body ?? []) {
      const text = decoder.decode(chunk, { stream: true });
      heard.text += text;
      parser.feed(text);
    }
    return "clean";
  };
  heard.end = read().catch((error: Error) => error.message);
  return heard;
}

const follow = (runId: string, init: RequestInit = {}) => listen(`/validate/${runId}/results`, init);
const names = ({ events }: Heard) => events.map(({ event }) => event);
const ALL = ["status", "status", "step", "step", "status", "done"];

describe("the results of a run", () => {
  test("come as server-sent events with ids, and end with the run", async () => {
    const runId = await start();
    const heard = await follow(runId);
    expect(await heard.end).toBe("clean");
    expect(heard.response.headers.get("content-type")).toMatch(/^text\/event-stream/);
    expect(names(heard)).toEqual(ALL);
    expect(heard.events.map(({ id }) => id)).toEqual(["1", "2", "3", "4", "5", undefined]);
    expect(heard).toMatchObject({ retry: 1000, comments: ["connected"] });
    expect(JSON.parse(heard.events[2]?.data ?? "")).toEqual({
      run_id: runId,
      timestamp: expect.stringMatching(/Z$/),
      ...{ index: 1, total: 2, step: "A", status: "passed", detail: "As expected ✓" },
    });
    expect(JSON.parse(heard.events[5]?.data ?? "")).toEqual({ run_id: runId, status: "completed" });
    await arga.until(() => arga.requests.at(-1)?.stream === "ended");
  });

  test("come as they happen", async () => {
    const runId = await start({}, false);
    const heard = await follow(runId);
    for (const count of [1, 2, 3, 4]) {
      await arga.until(() => heard.events.length === count);
      expect(arga.requests.at(-1)?.stream).toBe("open");
      arga.control.validations.step(runId);
    }
    await heard.end;
    expect(names(heard)).toEqual(ALL);
  });

  test("come to several callers, each with all of them", async () => {
    const runId = await start({ speed: 400 }, false);
    const heard = await Promise.all([follow(runId), follow(runId), follow(runId)]);
    await Promise.all(heard.map(({ end }) => end));
    for (const one of heard) expect(names(one)).toEqual(ALL);
  });

  test.each([
    ["cancelled", (runId: string) => arga.control.validations.cancel(runId)],
    ["failed", (runId: string) => arga.control.validations.fail(runId, "lost")],
  ])("end when it is %s", async (status, act) => {
    const runId = await start({}, false);
    const heard = await follow(runId);
    act(runId);
    expect(await heard.end).toBe("clean");
    expect(JSON.parse(heard.events.at(-1)?.data ?? "")).toMatchObject({ status });
  });

  test("go on after the event that the caller had last", async () => {
    const runId = await start();
    const heard = await follow(runId, { headers: { "last-event-id": "3" } });
    await heard.end;
    expect(heard.events.map(({ id }) => id)).toEqual(["4", "5", undefined]);
  });

  test.each(["0", "99", "x", "-1", "1.5"])("start again after the unknown event %s", async (id) => {
    const heard = await follow(await start(), { headers: { "last-event-id": id } });
    await heard.end;
    expect(names(heard)).toEqual(ALL);
  });

  test("have neither ids nor resumption nor an end marker when that is the dialect", async () => {
    const runId = await start({ dialect: { streamIds: false, streamEnd: "close" } });
    const heard = await follow(runId, { headers: { "last-event-id": "3" } });
    expect(await heard.end).toBe("clean");
    expect(names(heard)).toEqual(ALL.slice(0, -1));
    expect(heard.text).not.toMatch(/^(id|retry):/m);
  });

  test("are kept alive with comments, or not", async () => {
    const runId = await start({ heartbeatSeconds: 0.01 }, false);
    const heard = await follow(runId);
    await arga.until(() => heard.comments.length > 3);
    expect(heard.comments[1]).toBe("heartbeat");
    arga.control.validations.finish(runId);
    await heard.end;
    expect(names(heard)).toEqual(ALL);
  });

  test("stop when the caller hangs up, and when the server closes", async () => {
    const runId = await start({}, false);
    const hangUp = new AbortController();
    const heard = await follow(runId, { signal: hangUp.signal });
    hangUp.abort();
    await heard.end;
    await arga.until(() => arga.requests.at(-1)?.stream === "ended");
    const other = await follow(runId);
    await arga.close();
    expect(await other.end).not.toBe("clean");
  });
});

describe("a PR run that answers with a stream", () => {
  async function startPr(): Promise<Heard> {
    await startAny({ dialect: { prRun: "stream" } });
    return listen("/validate/pr-run", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ repo: "octo/shop", branch: "main", session_id: "s-1" }),
    });
  }

  test("has the ids in headers, and ends when the story is told", async () => {
    const heard = await startPr();
    const [run] = arga.validations.values();
    expect(heard.response.headers.get("x-run-id")).toBe(run?.runId);
    expect(heard.response.headers.get("x-session-id")).toBe("s-1");
    for (let n = 0; n < 3; n += 1) arga.control.validations.step(run?.runId ?? "");
    expect(await heard.end).toBe("clean");
    expect(run?.status).toBe("running");
    expect(heard.events.map(({ data }) => JSON.parse(data))).toMatchObject([
      { status: "queued" },
      { status: "generating_story" },
      { text: "Reading the changes of octo/shop…" },
      { status: "running" },
    ]);
  });

  test("refuses with JSON all the same", async () => {
    await startAny({ dialect: { prRun: "stream" } });
    const { response } = await listen("/validate/pr-run", { method: "POST" });
    expect(response.status).toBe(422);
    expect(response.headers.get("content-type")).toBe("application/json");
  });
});

describe("a stream that goes wrong", () => {
  async function harmed(stream: StreamFault): Promise<Heard> {
    const runId = await start();
    arga.fault({ route: "GET /validate/{run_id}/results", times: 1, stream });
    return follow(runId);
  }

  test("cut: the connection is lost after that many events", async () => {
    for (const afterEvents of [0, 2]) {
      const heard = await harmed({ kind: "cut", afterEvents });
      expect(await heard.end).not.toBe("clean");
      expect(names(heard)).toEqual(ALL.slice(0, afterEvents));
      await arga.close();
    }
    await start();
  });

  test("cut every other event: each connection again, and all of them come to one that resumes", async () => {
    const runId = await start();
    arga.fault({ route: "GET /validate/{run_id}/results", stream: { kind: "cut", afterEvents: 2 } });
    const seen: (string | undefined)[] = [];
    let lastId = "";
    while (seen.at(-1) !== "done") {
      const heard = await follow(runId, { headers: { "last-event-id": lastId } });
      await heard.end;
      expect(heard.events.length).toBeLessThanOrEqual(2);
      seen.push(...names(heard));
      lastId = heard.events.at(-1)?.id ?? lastId;
    }
    expect(seen).toEqual(ALL);
    expect(arga.requests).toHaveLength(3);
  });

  test("cut-line: in the middle of a line", async () => {
    const heard = await harmed({ kind: "cut-line", afterEvents: 1 });
    expect(await heard.end).not.toBe("clean");
    expect(heard.text).toMatch(/\ndata: \{"step":"half of a li$/);
    expect(heard.events).toHaveLength(1);
  });

  test("cut-character: in the middle of a character", async () => {
    const runId = await start();
    arga.fault({ stream: { kind: "cut-character", afterEvents: 1 } });
    const response = await fetch(`${arga.url}/validate/${runId}/results`, {
      headers: { authorization: `Bearer ${arga.key}` },
    });
    const bytes: number[] = [];
    const read = async () => {
      for await (const chunk of response.body ?? []) bytes.push(...chunk);
    };
    await expect(read()).rejects.toThrow();
    expect(bytes.slice(-3)).toEqual([0x22, 0xe2, 0x9c]);
  });

  test("end: too early, but clean; the next one resumes", async () => {
    const heard = await harmed({ kind: "end", afterEvents: 3 });
    expect(await heard.end).toBe("clean");
    expect(names(heard)).toEqual(ALL.slice(0, 3));
    const [runId = ""] = arga.validations.keys();
    const next = await follow(runId, { headers: { "last-event-id": heard.events.at(-1)?.id ?? "" } });
    await next.end;
    expect(names(next)).toEqual(ALL.slice(3));
  });

  test("silence: the connection stays, and nothing more comes", async () => {
    const runId = await start({ heartbeatSeconds: 0.01 }, false);
    arga.fault({ stream: { kind: "silence", afterEvents: 1 } });
    const heard = await follow(runId);
    await arga.until(() => heard.events.length === 1);
    arga.control.validations.finish(runId);
    // A stream beside it ends; this one has said nothing more by then.
    arga.clearFaults();
    await (await follow(runId)).end;
    expect(heard.events).toHaveLength(1);
    expect(heard.comments).not.toContain("heartbeat");
    expect(arga.requests[0]?.stream).toBe("open");
  });

  test("garbage: one event that is not JSON, among the others", async () => {
    const heard = await harmed({ kind: "garbage", afterEvents: 2 });
    expect(await heard.end).toBe("clean");
    expect(names(heard)).toEqual([...ALL.slice(0, 2), "step", ...ALL.slice(2)]);
    expect(() => JSON.parse(heard.events[2]?.data ?? "")).toThrow(SyntaxError);
  });

  test("huge: one event of over 2 MB, among the others", async () => {
    const heard = await harmed({ kind: "huge" });
    expect(await heard.end).toBe("clean");
    expect(heard.events[0]?.data.length).toBeGreaterThan(2_000_000);
    expect(names(heard).slice(1)).toEqual(ALL);
  });

  test.each([
    ["crlf", /\r\ndata: [^\n]*\r\n\r\n/],
    ["multiline", /\ndata: \{\ndata: {3}"run_id"/],
    ["bytes", /As expected ✓/],
  ] as const)("%s: the same events in another form", async (kind, form) => {
    const heard = await harmed({ kind });
    expect(await heard.end).toBe("clean");
    expect(names(heard)).toEqual(ALL);
    expect(heard.text).toMatch(form);
    expect(JSON.parse(heard.events[2]?.data ?? "")).toMatchObject({ detail: "As expected ✓" });
  });

  test("an answer that is no stream is left as it is; other faults strike streams too", async () => {
    const runId = await start();
    const remove = arga.fault({ stream: { kind: "cut" } });
    expect((await listen("/twins")).response.status).toBe(200);
    remove();
    arga.fault({ status: 503, times: 1 });
    expect((await follow(runId)).response.status).toBe(503);
    arga.fault({ action: "lose", times: 1 });
    await expect(follow(runId)).rejects.toThrow("fetch failed");
    expect(() => arga.fault({ status: 500, stream: { kind: "cut" } })).toThrow(RangeError);
  });
});
