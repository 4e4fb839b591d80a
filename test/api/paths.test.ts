import type { RequestListener } from "node:http";
import { afterEach, describe, expect, test } from "vitest";
import { ArgaNoRoute, ArgaNotFound, ArgaUnsendable, NotArga } from "../../src/api/errors.ts";
import { callsById } from "./support/calls.ts";
import { closeAll, failure, sendJson, serve } from "./support/server.ts";

/** Where a request goes, and where it must not. */

afterEach(closeAll);

const SANDBOX = { repo: "a/b", branch: "main" };

/** A server all of whose answers are this 404. */
const notFound =
  (body: string, type = "application/json"): RequestListener =>
  (_, response) =>
    response.writeHead(404, { "content-type": type }).end(body);

describe("the paths of before", () => {
  test.each([
    ["names what it did not find", '{"detail":"Scenario not found"}'],
    ["uses other words for it", '{"detail":"not found"}'],
    ["gives no reason", "{}"],
    ["answers a list", '{"detail":[{"msg":"Not Found"},{"msg":"repo"}]}'],
  ])("are not offered a create after the 404 of a route that %s", async (_, body) => {
    const { client, seen } = await serve(notFound(body));
    const creates = [
      client.testRuns.create({ prompt: "go", scenario_id: "s1" }),
      client.sandboxRuns.create(SANDBOX),
      client.tests.create({ name: "a" }),
    ];
    for (const create of creates) {
      const error = await failure(create);
      expect(error).toBeInstanceOf(ArgaNotFound);
      expect(error).not.toBeInstanceOf(ArgaNoRoute);
    }
    expect(seen.map(({ line }) => line).sort()).toEqual([
      "POST /sandbox-runs",
      "POST /test-runs",
      "POST /tests",
    ]);
  });

  test("are not asked for what the path of today does not have", async () => {
    const { client, seen } = await serve(notFound('{"detail":"Run not found"}'));
    expect(await failure(client.testRuns.get("r1"))).toMatchObject({ message: "Run not found" });
    expect(await failure(client.testRuns.rerun("r1"))).toMatchObject({ sent: "refused" });
    expect(seen.map(({ line }) => line)).toEqual(["GET /test-runs/r1", "POST /test-runs/r1/rerun"]);
  });

  test.each([
    ["FastAPI's", '{"detail":"Not Found"}', "application/json", ArgaNoRoute],
    ["a gateway's", '{"message":"Not Found"}', "application/json", ArgaNoRoute],
    ["plain", "Not Found", "text/plain", ArgaNoRoute],
    ["a web page", "<h1>404</h1>", "text/html", NotArga],
    ["empty", "", "text/plain", NotArga],
  ])("are all tried after a 404 of the router: %s", async (_, body, type, error) => {
    const { client, seen } = await serve(notFound(body, type));
    expect(await failure(client.testRuns.create({ prompt: "go" }))).toBeInstanceOf(error);
    expect(seen.map(({ line }) => line)).toEqual([
      "POST /test-runs",
      "POST /runner/runs",
      "POST /demo-runner/runs",
    ]);
  });

  test("are searched no further than the first route, which says what there is", async () => {
    const { client } = await serve((request, response) =>
      sendJson(
        response,
        { detail: request.url?.startsWith("/runner/") ? "Run not found" : "Not Found" },
        404,
      ),
    );
    const error = await failure(client.testRuns.get("r1"));
    expect(error.message).toBe("Run not found");
  });
});

describe.each(Object.entries(callsById))("%s", (_, call) => {
  test.each(["", ".", "..", "\ud800"])("does not ask with %j for an id, and says so", async (id) => {
    const { client, seen } = await serve((_request, response) => sendJson(response, {}));
    const error = await failure(call(client, id));
    expect(error).toBeInstanceOf(ArgaUnsendable);
    expect(error).toMatchObject({ code: "ARGA_UNSENDABLE", sent: "no" });
    expect(error.message).toContain(JSON.stringify(id));
    expect(error.message).toMatch(/isn.t a valid id for \//);
    expect(seen).toEqual([]);
  });

  test.each(["...", "a/b", "../x", "%2e%2e", "a?b#c", " ", "$&", "é"])(
    "keeps %j in one step of its path",
    async (id) => {
      const { client, seen } = await serve((_request, response) => sendJson(response, { detail: "no" }, 400));
      await failure(call(client, id));
      expect(seen[0]?.line.split(" ")[1]?.split("/")).toContain(encodeURIComponent(id));
    },
  );
});
