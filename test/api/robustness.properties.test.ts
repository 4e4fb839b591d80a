import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { ArgaClient } from "../../src/api/client.ts";
import { ArgaError } from "../../src/api/errors.ts";
import { calls } from "./support/calls.ts";
import { closeAll, serve } from "./support/server.ts";

/** Whatever Arga answers, a call gives a value or an error of ours. */

/** Calls that go on by design: they ask again for as long as the answer says nothing of an end. */
const LONG = [
  "twinRuns.wait",
  "legacyTwinRuns.wait",
  "testRuns.wait",
  "sandboxRuns.wait",
  "validationRuns.wait",
];
const oneShot = calls.filter(([name]) => !LONG.includes(name) && name !== "validationRuns.results");

let client: ArgaClient;
let answer = { status: 200, body: "", type: "application/json" };

beforeAll(async () => {
  const served = await serve((_, response) =>
    response.writeHead(answer.status, { "content-type": answer.type, "retry-after": "60" }).end(answer.body),
  );
  client = served.client;
});
afterAll(closeAll);

const names = [
  "id",
  "run_id",
  "sandbox_id",
  "status",
  "twins",
  "env_vars",
  "items",
  "runs",
  "events_json",
  "detail",
];
const tree = fc.letrec<{ node: unknown }>((tie) => ({
  node: fc.oneof(
    { maxDepth: 4, depthSize: "small" },
    fc.constantFrom<unknown>("r1", "queued", "levitating", "", 0, 7.5, true, null, "__proto__", '["x"]'),
    fc.array(tie("node"), { maxLength: 3 }),
    fc.dictionary(fc.oneof(fc.constantFrom(...names), fc.constant("__proto__"), fc.string()), tie("node"), {
      maxKeys: 5,
    }),
  ),
})).node;
const body = fc.oneof(
  { arbitrary: tree.map((value) => JSON.stringify(value)), weight: 8 },
  { arbitrary: fc.string(), weight: 1 },
  {
    arbitrary: fc.constantFrom("", "null", "<p>", '{"twins":{"__proto__":{"env_vars":1}},"status":"x"}'),
    weight: 1,
  },
);

describe.each(oneShot)("%s", (_, call) => {
  test("answers a value or one of the errors", async () => {
    await fc.assert(
      fc.asyncProperty(
        body,
        fc.constantFrom(200, 200, 200, 201, 204, 302, 400, 403, 404, 422, 429, 500),
        fc.constantFrom("application/json", "text/html", "text/event-stream", "text/plain"),
        async (text, status, type) => {
          answer = { status, body: status === 204 ? "" : text, type };
          const outcome = await call(client).catch((error: unknown) => error);
          if (outcome instanceof Error) expect(outcome).toBeInstanceOf(ArgaError);
        },
      ),
      { numRuns: 25 },
    );
  });
});
