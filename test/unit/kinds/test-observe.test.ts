import { afterEach, expect, test } from "vitest";
import { ArgaClient } from "../../../src/api/client.ts";
import { test as kind } from "../../../src/kinds/test.ts";
import { closeAll, json, serve } from "../../api/support/http.ts";

afterEach(closeAll);

test.each([
  ["complete", {}, "passed"],
  ["completed", { passed: true, failed: 0 }, "passed"],
  ["complete", { passed: false }, "failed"],
  ["complete", { failed: 1 }, "failed"],
  ["failed", { passed: true }, "failed"],
  ["cancelled", {}, "cancelled"],
])("a test run that Arga calls %s with %j is %s", async (status, more, outcome) => {
  const { url } = await serve(json(200, { id: "x", status, ...more }));
  const client = new ArgaClient({ url, key: "arga_sk_x" });
  const seen = await kind.observe(client, { id: "x", status: "", links: [] }, new AbortController().signal);
  await client.destroy();
  expect(seen).toMatchObject({ state: "ended", outcome });
});
