import { afterEach, expect, test } from "vitest";
import { ArgaClient } from "../../../src/api/client.ts";
import type { Lookups } from "../../../src/kinds/kind.ts";
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

test("a sandbox that is named by its short id is known to Arga by its own", async () => {
  const asked: string[] = [];
  const look: Lookups = {
    argaId: async (of, id) => {
      asked.push(`${of} ${id}`);
      return id === "k7m2qx" ? "5b1c3c9e" : undefined;
    },
  };
  const spec = { prompt: "pay", sandboxId: "k7m2qx" };
  expect(await kind.resolve?.(spec, look)).toEqual({ prompt: "pay", sandboxId: "5b1c3c9e" });
  const unknown = { prompt: "pay", sandboxId: "0b6f3a0e" };
  expect(await kind.resolve?.(unknown, look)).toEqual(unknown);
  expect(asked).toEqual(["sandbox k7m2qx", "sandbox 0b6f3a0e"]);
  expect(await kind.resolve?.({ prompt: "pay" }, look)).toEqual({ prompt: "pay" });
  expect(asked).toHaveLength(2);
});
