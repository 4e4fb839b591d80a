import { afterEach, describe, expect, test } from "vitest";
import { NotArga } from "../../src/api/errors.ts";
import { closeAll, failure, routes, serve } from "./support/server.ts";

/** One string or list of Arga's, however long, stays out of records or is short in them, and costs what it's long. */

afterEach(closeAll);

const endless = "x".repeat(1_100_000);

describe("endless answers", () => {
  test("an id is refused: nothing could be asked by it, and it would stand in an index", async () => {
    const { client } = await serve(
      routes({
        "POST /twin-runs": { run_id: endless },
        "GET /test-runs": [
          { id: endless, status: "running" },
          { id: "r1", status: "running" },
        ],
        "POST /sandbox-runs": { sandbox_id: endless, status: "queued" },
        "POST /validate/url-run": { run_id: endless },
      }),
    );
    expect(await failure(client.twinRuns.create({ twins: [] }))).toBeInstanceOf(NotArga);
    expect(await failure(client.sandboxRuns.create({ repo: "a/b" }))).toBeInstanceOf(NotArga);
    expect(await failure(client.validationRuns.createUrlRun({ url: "https://a.b" }))).toBeInstanceOf(NotArga);
    expect((await client.testRuns.list()).map(({ id }) => id)).toEqual(["r1"]);
  });

  test("words of a twin run are cut, what would be another thing if it were cut is absent", async () => {
    const { client } = await serve(
      routes({
        "GET /twin-runs/t1": {
          run_id: "t1",
          status: endless,
          error: endless,
          expires_at: endless,
          dashboard_url: `https://a.b/${endless}`,
          proxy_token: endless,
          seed_results: { stripe: endless },
          twins: {
            [endless]: { label: "no name" },
            stripe: {
              label: `${"a".repeat(199)}😀${endless}`,
              base_url: `https://a.b/${endless}`,
              env_vars: { KEY: "value", LONG: endless, [endless]: "value", N: 5, NONE: null },
            },
          },
        },
      }),
    );
    const run = await client.twinRuns.get("t1");
    expect(run.status).toHaveLength(100);
    expect(run.error).toHaveLength(5_000);
    expect([run.expires_at, run.dashboard_url, run.proxy_token, run.seed_results]).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
    expect(run.twins).toEqual({
      stripe: { label: "a".repeat(199), env_vars: { KEY: "value", N: "5", NONE: "" } },
    });
  });

  test("what nests deeper than it can be written hides nothing else", async () => {
    const deep = `${"[".repeat(100_000)}${"]".repeat(100_000)}`;
    const body = `{"id":"r1","status":"running","test_config_json":{"steps":${deep}}}`;
    const { client } = await serve((_request, response) => {
      response.writeHead(200, { "content-type": "application/json" }).end(body);
    });
    expect(await client.testRuns.get("r1")).toMatchObject({ id: "r1", status: "running" });
  });

  test("of lists, the catalog's first 10,000 and a log's last 20,000 are read", async () => {
    const twins = Array.from({ length: 100_000 }, (_, index) => ({ name: `twin${index}` }));
    const events_json = Array.from({ length: 30_000 }, (_, index) => ({ message: `${index}` }));
    const { client } = await serve(
      routes({
        "GET /twins": [{ name: endless }, ...twins],
        "GET /test-runs/r1": { id: "r1", status: "running", events_json },
      }),
    );
    expect(await client.catalog.list()).toHaveLength(9_999);
    const { events_json: read } = await client.testRuns.get("r1");
    expect(read).toHaveLength(20_000);
    expect(read?.at(-1)?.message).toBe("29999");
  });
});
