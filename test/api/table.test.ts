import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { ArgaClient } from "../../src/api/client.ts";
import { calls } from "./support/calls.ts";

/** The table of `docs/arga-client.md` against the client and its tests. */

const read = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), "utf8");
const page = read("docs/arga-client.md");
const rows = (heading: string): string[][] =>
  (page.split(`## ${heading}`)[1]?.split("\n## ")[0] ?? "")
    .split("\n")
    .filter((line) => /^\| (?!---)/.test(line))
    .slice(1)
    .map((line) => line.split(" | ").map((cell) => cell.replaceAll(/^\| | \|$/g, "")));
const seedRows = rows("Calls that the SDK's pages show");

/** Of the calls that the pages `sdks/python/twins`, `sdks/typescript/twins` and `sdks/python/runs` show, those we make. */
const SEED_CALLS = [
  ...["create", "get", "extend", "lock", "teardown"].flatMap((name) => [
    `twin_runs.${name}`,
    `twinRuns.${name}`,
  ]),
  ...["provision", "get_status", "getStatus", "extend", "teardown"].map((name) => `twins.${name}`),
  ...["create", "list", "get", "rerun"].map((name) => `test_runs.${name}`),
  ...["create", "get", "logs"].map((name) => `sandbox_runs.${name}`),
  ...["list", "run"].map((name) => `tests.${name}`),
  ...["create_url_run", "create_pr_run", "create_agent_run"].map((name) => `runs.${name}`),
  ...["get", "stream_results", "cancel"].map((name) => `runs.${name}`),
];

const client = new ArgaClient({ url: "http://127.0.0.1:1", key: "" });

/** `resource.method` of everything public that can be called. */
const known = Object.entries(client).flatMap(([resource, value]) =>
  methodsOf(value).map((name) => `${resource}.${name}`),
);

function methodsOf(value: object): string[] {
  const prototype: object = Object.getPrototypeOf(value);
  if (prototype === Object.prototype) return [];
  const own = Object.getOwnPropertyNames(prototype).filter((name) => name !== "constructor");
  return [...new Set([...own, ...methodsOf(prototype)])];
}

const TESTS = ["operations", "validation-runs", "streaming", "disagreements"].map((name) =>
  read(`test/api/${name}.test.ts`),
);

describe("the table of calls", () => {
  test("has each of these calls once, and no other", () => {
    const named = seedRows.flatMap(([theirs = ""]) =>
      [...theirs.matchAll(/`([\w.]+)`/g)].map(([, name]) => name),
    );
    expect(named.sort()).toEqual([...SEED_CALLS].sort());
  });

  test.each(seedRows)("%s is %s, which there is", (_, ours = "") => {
    expect(known).toContain(ours.replaceAll("`", ""));
  });

  test.each(seedRows)(
    "%s, as %s, goes to %s, and names a test that there is: %s",
    (_, _ours, route = "", named = "") => {
      expect(route).toMatch(/`(GET|POST) \//);
      for (const each of named.split("; ")) {
        const file = each.match(/^`(.+)`$/)?.[1];
        if (file) expect(read(`test/api/${file}`)).toContain("describe(");
        else
          expect(
            TESTS.some((text) => text.includes(each)),
            each,
          ).toBe(true);
      }
    },
  );

  test("with the one of what the pages do not have, names everything that the client can do", () => {
    const rest = rows("What the pages do not have")
      .map(([ours = ""]) => ours)
      .join(" ");
    for (const call of known) {
      const [resource, method] = call.split(".");
      const isNamed =
        page.includes(`\`${call}\``) || (rest.includes(`\`${resource}.`) && rest.includes(`\`${method}\``));
      expect(isNamed, call).toBe(true);
    }
  });
});

test("the list of calls that tests go through misses none", () => {
  // These ask nothing, or never throw: `artifacts.test.ts` has them.
  const apart = ["artifacts.in", "artifacts.read"];
  expect([...calls.map(([name]) => name), ...apart].sort()).toEqual([...known, "account"].sort());
});
