import { inspect } from "node:util";
import { afterEach, describe, expect, test } from "vitest";
import type { ArgaClient } from "../../src/api/client.ts";
import { closeAll, failure, sendJson, serve } from "./support/server.ts";

/** Everything that creates or acts: sent once, whatever comes back, and honest about what may have become of it. */

afterEach(closeAll);

const acts: [string, (client: ArgaClient) => Promise<unknown>][] = [
  ["POST /twin-runs", ({ twinRuns }) => twinRuns.create({ twins: ["stripe"] })],
  ["POST /twin-runs/1/extend", ({ twinRuns }) => twinRuns.extend("1", 30)],
  ["POST /twin-runs/1/lock", ({ twinRuns }) => twinRuns.lock("1")],
  ["POST /twin-runs/1/teardown", ({ twinRuns }) => twinRuns.teardown("1")],
  ["POST /validate/twins/provision/1/reset", ({ twinRuns }) => twinRuns.reset("1")],
  ["POST /validate/twins/provision", ({ legacyTwinRuns }) => legacyTwinRuns.create({ twins: ["stripe"] })],
  ["POST /validate/twins/provision/1/extend", ({ legacyTwinRuns }) => legacyTwinRuns.extend("1", 30)],
  ["POST /validate/twins/provision/1/lock", ({ legacyTwinRuns }) => legacyTwinRuns.lock("1")],
  ["POST /validate/twins/provision/1/teardown", ({ legacyTwinRuns }) => legacyTwinRuns.teardown("1")],
  ["POST /validate/twins/provision/1/reset", ({ legacyTwinRuns }) => legacyTwinRuns.reset("1")],
  ["POST /test-runs", ({ testRuns }) => testRuns.create({ prompt: "go" })],
  ["POST /test-runs/1/rerun", ({ testRuns }) => testRuns.rerun("1")],
  ["POST /tests", ({ tests }) => tests.create({ name: "a" })],
  ["POST /tests/1/run", ({ tests }) => tests.run("1")],
  ["POST /sandbox-runs", ({ sandboxRuns }) => sandboxRuns.create({ repo: "a/b", branch: "c" })],
  ["DELETE /sandbox-runs/1", ({ sandboxRuns }) => sandboxRuns.delete("1")],
  ["POST /validate/url-run", ({ validationRuns }) => validationRuns.createUrlRun({ url: "https://a.b" })],
  ["POST /validate/pr-run", ({ validationRuns }) => validationRuns.createPrRun({ repo: "a/b" })],
  ["POST /validate/pr-run", ({ validationRuns }) => validationRuns.createAgentRun({ repo: "a/b" })],
  ["POST /validate/1/cancel", ({ validationRuns }) => validationRuns.cancel("1")],
];

describe.each(acts)("%s", (line, act) => {
  test.each([
    ["a cut", undefined, "maybe"],
    ["503", 503, "maybe"],
    ["429", 429, "refused"],
    ["409", 409, "refused"],
  ])("is sent once, with %s for an answer", async (_, status, sent) => {
    const { client, seen } = await serve((_request, response) => {
      if (status === undefined) response.socket?.resetAndDestroy();
      else sendJson(response, { detail: "the key was arga_sk_test" }, status);
    });
    const error = await failure(act(client));
    expect(error.sent).toBe(sent);
    expect(seen.map((each) => each.line)).toEqual([line]);
    expect(inspect(error, { depth: 9, showHidden: true })).not.toContain("arga_sk_test");
  });
});
