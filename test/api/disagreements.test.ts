import { afterEach, describe, expect, test } from "vitest";
import { ArgaNotFound, NotArga } from "../../src/api/errors.ts";
import { closeAll, failure, routes, serve } from "./support/server.ts";

/** Answers in every form that the sources show, and in forms that none shows but that must not hide a run. */

afterEach(closeAll);

const run = { id: "r1", status: "queued" };

describe("ids and lists", () => {
  test.each([{ id: "r1" }, { run_id: "r1" }, { id: null, run_id: "r1" }])(
    "a test run has an id in %o",
    async (ids) => {
      const { client } = await serve(routes({ "GET /test-runs/r1": { ...ids, status: "queued" } }));
      expect((await client.testRuns.get("r1")).id).toBe("r1");
    },
  );

  test.each([{ sandbox_id: "s1" }, { id: "s1" }, { run_id: "s1" }])(
    "a sandbox has one in %o",
    async (ids) => {
      const { client } = await serve(routes({ "GET /sandbox-runs/s1": { ...ids, status: "ready" } }));
      expect((await client.sandboxRuns.get("s1")).sandbox_id).toBe("s1");
    },
  );

  test("lists come bare or under a name, and an item that cannot be read hides no other", async () => {
    const items = [run, { status: "queued" }, null, { id: "r2", status: "levitating" }];
    for (const body of [items, { runs: items }]) {
      const { client } = await serve(routes({ "GET /test-runs": body }));
      expect((await client.testRuns.list()).map(({ id, status }) => [id, status])).toEqual([
        ["r1", "queued"],
        ["r2", "levitating"],
      ]);
    }
  });

  test("so does the catalog, on both of its paths", async () => {
    const items = [{ name: "stripe", label: "Stripe", kind: "unified" }, { label: "?" }];
    for (const path of ["GET /twins", "GET /validate/twins"])
      for (const body of [items, { twins: items }]) {
        const { client } = await serve(routes({ [path]: body }));
        expect(await client.catalog.list()).toEqual([items[0]]);
      }
  });

  test("what was just created has its id under either name", async () => {
    const made = { id: "r1", status: "queued" };
    const { client } = await serve(
      routes({ "POST /twin-runs": made, "POST /validate/url-run": made, "POST /validate/pr-run": made }),
    );
    expect(await client.twinRuns.create({ twins: [] })).toMatchObject({ run_id: "r1" });
    expect(await client.validationRuns.createUrlRun({ url: "https://a.b" })).toMatchObject({ run_id: "r1" });
    expect(await client.validationRuns.createPrRun({ repo: "a/b" })).toMatchObject({ run_id: "r1" });
  });

  test("something else in place of a list is not Arga's", async () => {
    const { client } = await serve(routes({ "GET /test-runs": { error: "?" } }));
    expect(await failure(client.testRuns.list())).toBeInstanceOf(NotArga);
  });
});

describe("fields", () => {
  test("of the wrong type count as absent, null stays null, unknown ones are left out", async () => {
    const odd = {
      ...run,
      mode: 7,
      created_at: {},
      test_config_json: [],
      events_json: 3,
      error_message: null,
      new: 1,
    };
    const { client } = await serve(routes({ "GET /test-runs/r1": odd }));
    const { whole, ...read } = await client.testRuns.get("r1");
    expect(read).toEqual({ ...run, error_message: null });
    // As it came, for what stands under names that no source has.
    expect(whole).toEqual(odd);
  });

  test("events may be text that holds JSON", async () => {
    const events_json = JSON.stringify([{ type: "step", message: "m" }]);
    const { client } = await serve(routes({ "GET /test-runs/r1": { ...run, events_json } }));
    expect((await client.testRuns.get("r1")).events_json).toEqual([{ type: "step", message: "m" }]);
  });

  test.each([[[{ step: 1 }]], [{ steps: [] }], ["text"], [null]])(
    "results are handed on as they came: %j",
    async (results) => {
      const { client } = await serve(
        routes({ "GET /runs/r1": { run_id: "r1", status: "completed", results_json: results } }),
      );
      expect((await client.validationRuns.get("r1")).results_json).toEqual(results);
    },
  );

  test("variables keep their names and texts, whatever else stands in them", async () => {
    const env_vars = { camelCase: "a", snake_case: "b", PORT: 8080, NONE: null, DEEP: { a: 1 } };
    const { client } = await serve(
      routes({ "GET /twin-runs/t1": { status: "ready", twins: { x: { env_vars } } } }),
    );
    const { twins } = await client.twinRuns.get("t1");
    expect(twins?.x?.env_vars).toEqual({ ...env_vars, PORT: "8080", NONE: "", DEEP: '{"a":1}' });
  });

  test("a twin that cannot be read hides no other", async () => {
    const twins = { stripe: { base_url: "https://a" }, slack: null, jira: "soon", box: { base_url: 7 } };
    const { client } = await serve(
      routes({
        "GET /twin-runs/t1": { status: "ready", twins },
        "GET /sandbox-runs/t1": { id: "t1", status: "ready", twins },
      }),
    );
    const expected = { stripe: { base_url: "https://a" }, box: {} };
    expect((await client.twinRuns.get("t1")).twins).toEqual(expected);
    expect((await client.sandboxRuns.get("t1")).twins).toEqual(expected);
  });

  test("what is sent is sent as it is, down to the last name", async () => {
    const odd = { camelCase: { snake_case: [{ "with space": null }] }, UPPER: 1 };
    const { client, seen } = await serve((_, response) => response.end("{}"));
    await failure(client.testRuns.create({ prompt: "go", test_config: odd }));
    await failure(client.tests.create({ name: "a", test_config: odd }));
    await failure(client.sandboxRuns.create({ repo: "a/b", env: odd }));
    const sent = seen.map(({ body }) => Object.values(body as Record<string, unknown>).at(-1));
    expect(sent).toEqual([odd, odd, odd]);
  });

  test.each(["levitating", ""])("a status that nobody knows is carried through: %j", async (status) => {
    const body = { id: "x", run_id: "x", sandbox_id: "x", status };
    const { client } = await serve((_, response) => response.end(JSON.stringify(body)));
    const { twinRuns, legacyTwinRuns, testRuns, sandboxRuns, validationRuns } = client;
    for (const { get } of [twinRuns, legacyTwinRuns, testRuns, sandboxRuns, validationRuns].map((each) => ({
      get: () => each.get("x"),
    })))
      expect((await get()).status).toBe(status);
  });

  test("a run without a status is not Arga's", async () => {
    const { client } = await serve(routes({ "GET /test-runs/r1": { id: "r1" } }));
    expect(await failure(client.testRuns.get("r1"))).toBeInstanceOf(NotArga);
  });
});

describe("a PR run", () => {
  const stream = (headers: Record<string, string>, body: string) =>
    serve((_, response) => response.writeHead(200, headers).end(body));
  const PR = { repo: "a/b", branch: "main" };

  test("is had from the headers, whatever the stream says it is", async () => {
    const { client, seen } = await stream(
      { "x-run-id": "r1", "x-session-id": "s1", "content-type": "text/plain" },
      "story…",
    );
    expect(await client.validationRuns.createPrRun(PR)).toEqual({
      run_id: "r1",
      status: "generating_story",
      session_id: "s1",
    });
    expect(seen[0]?.body).toEqual({ ...PR, run_type: "pr_run" });
  });

  test("is had before its stream ends, and the stream is read to its end", async () => {
    let finish = (): void => {};
    let ended: Promise<boolean> | undefined;
    const { client } = await serve((_, response) => {
      ended = new Promise((resolve) => response.once("close", () => resolve(response.writableFinished)));
      response.writeHead(200, { "x-run-id": "r1", "content-type": "text/event-stream" }).write("data: 1\n\n");
      // More than the system's own buffers hold.
      finish = () => response.end("data: 2\n\n".repeat(2_000_000));
    });
    expect((await client.validationRuns.createPrRun(PR)).run_id).toBe("r1");
    finish();
    expect(await ended).toBe(true);
  });

  test("is had from the stream itself when the headers were lost", async () => {
    const { client } = await stream(
      { "content-type": "text/event-stream" },
      ': x\n\ndata: {"run_id":"r1"}\n\n',
    );
    expect(await client.validationRuns.createPrRun(PR)).toMatchObject({
      run_id: "r1",
      status: "generating_story",
    });
  });

  test.each([
    ["a stream without an id", "text/event-stream", "data: 1\n\n", "maybe"],
    ["a web page", "text/html", "<p>", "maybe"],
    ["an empty answer", "application/json", "", "maybe"],
  ])("%s is not Arga's, and it is said whether there is a run now", async (_, type, body, sent) => {
    const { client, seen } = await stream({ "content-type": type }, body);
    const error = await failure(client.validationRuns.createPrRun(PR));
    expect(error).toBeInstanceOf(NotArga);
    expect(error.sent).toBe(sent);
    expect(seen).toHaveLength(1);
  });
});

describe("paths of before", () => {
  test("are found once, and an unknown id then costs one request", async () => {
    const { client, seen } = await serve(
      routes({ "GET /sandboxes/s1": { sandbox_id: "s1", status: "ready" } }),
    );
    await client.sandboxRuns.get("s1");
    expect(await failure(client.sandboxRuns.get("s2"))).toBeInstanceOf(ArgaNotFound);
    expect(seen.map(({ line }) => line)).toEqual([
      "GET /sandbox-runs/s1",
      "GET /sandboxes/s1",
      "GET /sandboxes/s2",
    ]);
  });

  test("are looked for again when the collection itself is gone", async () => {
    const known: Record<string, unknown> = { "GET /runner/runs": { runs: [] } };
    const { client } = await serve((request, response) => routes(known)(request, response));
    await client.testRuns.list();
    known["GET /test-runs"] = { runs: [run] };
    delete known["GET /runner/runs"];
    expect(await client.testRuns.list()).toHaveLength(1);
  });

  test("are not tried when nobody knows whether a create was applied", async () => {
    const { client, seen } = await serve((_, response) => response.socket?.resetAndDestroy());
    await failure(client.sandboxRuns.create({ repo: "a/b", branch: "main" }));
    expect(seen).toHaveLength(1);
  });
});
