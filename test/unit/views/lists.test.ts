import { describe, expect, test } from "vitest";
import { validateMessage, validateView } from "../../../sim/slack/blocks/validate.ts";
import type { LogLine } from "../../../src/kinds/kind.ts";
import type { ScenarioEntry, TestEntry } from "../../../src/store/arga-cache.ts";
import { type LogPage, logsFailed, logsLoading, logsView } from "../../../src/views/logs.ts";
import { scenarioList, testList } from "../../../src/views/tests.ts";
import { NOW, runIn } from "../support/runs.ts";

const PLACE = { run: "k7m2qx", channel: "C0GENERAL" };
const lines = (count: number, errorEvery = 10): LogLine[] =>
  Array.from({ length: count }, (_, n) => ({ text: `line ${n}.`, isError: n % errorEvery === 0 }));
const view = (log: readonly LogLine[], page: Partial<LogPage> = {}) => {
  const made = logsView(runIn("ended"), { ...PLACE, page: 0, errorsOnly: false, ...page }, log);
  expect(validateView(made)).toEqual([]);
  return made;
};
const shown = (content: unknown): string => JSON.stringify(content);
const textsOf = (content: unknown): string[] =>
  [...shown(content).matchAll(/line (\d+)\./g)].map(([, n]) => n ?? "");
const ids = (content: unknown): string[] =>
  [...shown(content).matchAll(/"action_id":"([^"]+)"/g)].map(([, id]) => id ?? "");

describe("a log", () => {
  test("is shown newest first, forty lines a page", () => {
    const first = view(lines(95));
    expect(textsOf(first)).toHaveLength(40);
    expect(textsOf(first)[0]).toBe("94");
    expect(textsOf(view(lines(95), { page: 2 })).at(-1)).toBe("0");
    expect(shown(first)).toContain("95 lines, 10 errors · page 1 of 3 · newest first");
  });

  test("every line stands on exactly one page", () => {
    const all = [0, 1, 2].flatMap((page) => textsOf(view(lines(95), { page })));
    expect(all.map(Number).sort((a, b) => a - b)).toEqual(Array.from({ length: 95 }, (_, n) => n));
  });

  test("leads from page to page, never beyond", () => {
    expect(ids(view(lines(95)))).toEqual(["logs.page.1", "logs.errors"]);
    expect(ids(view(lines(95), { page: 1 }))).toEqual(["logs.page.0", "logs.page.2", "logs.errors"]);
    expect(ids(view(lines(95), { page: 2 }))).toEqual(["logs.page.1", "logs.errors"]);
    expect(ids(view(lines(5, 9)))).toEqual(["logs.errors"]);
  });

  test("that became shorter shows its last page, and remembers which one that is", () => {
    for (const page of [7, 1_000]) {
      const made = view(lines(45), { page });
      expect(textsOf(made)).toHaveLength(5);
      expect(JSON.parse(made.private_metadata ?? "")).toEqual({ ...PLACE, page: 1, errorsOnly: false });
    }
    expect(textsOf(view(lines(45), { page: -3 }))[0]).toBe("44");
  });

  test("can show its errors alone, and all again", () => {
    const errors = view(lines(95), { errorsOnly: true });
    expect(textsOf(errors)).toEqual(["90", "80", "70", "60", "50", "40", "30", "20", "10", "0"]);
    expect(ids(errors)).toEqual(["logs.all"]);
    expect(JSON.parse(errors.private_metadata ?? "")).toMatchObject({ errorsOnly: true });
  });

  test("offers no errors where there are none, or nothing else", () => {
    expect(ids(view(lines(5, 1)))).toEqual([]);
    expect(ids(view([{ text: "fine", isError: false }]))).toEqual([]);
    expect(shown(view([{ text: "fine", isError: false }], { errorsOnly: true }))).toContain("No errors.");
  });

  test("without a line says so", () => {
    expect(shown(view([]))).toContain("0 lines, 0 errors · newest first");
    expect(shown(view([]))).toContain("Arga has no logs for this run yet.");
  });

  test("a line has when, from where, and whether it is an error", () => {
    const made = shown(view([{ text: "boom", isError: true, at: NOW, source: "shop" }]));
    expect(made).toContain(`:x: <!date^${NOW / 1000}^{time_secs}|2026-10-01 12:00 UTC> · shop`);
    expect(made).toContain('{"type":"plain_text","text":"boom","emoji":false}');
  });

  test("shows no terminal's colours and nothing that cannot be seen", () => {
    const made = view([{ text: "\u001b[1;31mred\u001b[0m\u0007\ttab\nnext", isError: false }]);
    expect(shown(made)).toContain(JSON.stringify("red\ttab\nnext"));
  });

  test("that is fetched, or could not be, is a view that knows its place", () => {
    const place = { ...PLACE, page: 1, errorsOnly: true };
    for (const made of [
      logsLoading(runIn("ended"), place),
      logsFailed(runIn("ended"), place, "Arga is down"),
    ]) {
      expect(validateView(made)).toEqual([]);
      expect(JSON.parse(made.private_metadata ?? "")).toEqual(place);
    }
    expect(shown(logsFailed(runIn("ended"), place, "Arga is down"))).toContain("Arga is down");
    expect(ids(logsFailed(runIn("ended"), place, "x"))).toEqual(["logs.page.0"]);
  });
});

const tests = (count: number): TestEntry[] =>
  Array.from({ length: count }, (_, n) => ({
    id: `t${n}`,
    name: `Checkout ${n}`,
    repo: "acme/shop",
    url: "https://x.example",
  }));
const list = (count: number, page = 0, repo?: string) => {
  const made = testList(tests(count), { page, repo, isFresh: true });
  expect(validateMessage(made)).toEqual([]);
  return made;
};
const runs = (content: unknown): string[] =>
  [...shown(content).matchAll(/"action_id":"tests.run","text":[^}]+\},"value":"([^"]+)"/g)].map(
    ([, id]) => id ?? "",
  );

describe("the saved tests", () => {
  test("stand ten on a page, each with a button that runs it", () => {
    expect(runs(list(23))).toEqual(tests(10).map(({ id }) => id));
    expect([0, 1, 2].flatMap((page) => runs(list(23, page)))).toEqual(tests(23).map(({ id }) => id));
    expect(list(23).text).toContain("23 saved tests: Checkout 0, Checkout 1");
    expect(shown(list(23, 1))).toContain("page 2 of 3");
  });

  test("lead from page to page, and keep to the repository", () => {
    const turns = (page: number) =>
      ids(list(23, page, "acme/shop")).filter((id) => id.startsWith("tests.page"));
    expect([0, 1, 2].map(turns)).toEqual([
      ["tests.page.1"],
      ["tests.page.0", "tests.page.2"],
      ["tests.page.1"],
    ]);
    expect(shown(list(23, 1, "acme/shop"))).toContain(
      JSON.stringify(JSON.stringify({ page: 2, repo: "acme/shop" })),
    );
    expect(ids(list(10)).filter((id) => id.startsWith("tests.page"))).toEqual([]);
  });

  test("are told by their names, and by ids only where a name is shared", () => {
    const named = (names: string[]) =>
      testList(
        names.map((name, n) => ({ id: `7f3a-${n}`, name })),
        { page: 0, isFresh: true },
      );
    const texts = (names: string[]) =>
      shown(named(names).blocks.map((block) => ("text" in block ? block.text : "")));
    expect(texts(["Checkout", "Sign up"])).not.toContain("7f3a");
    expect(texts(["Checkout", "checkout", "Sign up"]).match(/7f3a-\d/g)).toEqual(["7f3a-0", "7f3a-1"]);
  });

  test("a page that is not there any more is the last one", () => {
    expect(runs(list(12, 99))).toEqual(["t10", "t11"]);
    expect(runs(list(12, -1))[0]).toBe("t0");
  });

  test("none, one, and a list that may be old are called so", () => {
    expect(list(0).text).toContain("No saved tests");
    expect(list(0, 0, "acme/shop").text).toContain("acme/shop");
    expect(list(1).text).toContain("1 saved test:");
    const old = testList(tests(1), { page: 0, isFresh: false });
    expect(shown(old)).toContain("Arga isn't answering, so this may be out of date.");
  });

  test("that Arga lists twice are shown once", () => {
    const made = testList([...tests(2), ...tests(2)], { page: 0, isFresh: true });
    expect(validateMessage(made)).toEqual([]);
    expect(runs(made)).toEqual(["t0", "t1"]);
  });
});

describe("the scenarios", () => {
  const entry = (n: number, more: Partial<ScenarioEntry> = {}): ScenarioEntry => ({
    id: `s${n}`,
    name: `Scenario ${n}`,
    twins: ["stripe"],
    isPreset: false,
    ...more,
  });
  const many = Array.from({ length: 45 }, (_, n) =>
    entry(n, n % 2 ? { twins: ["slack"], isPreset: true } : {}),
  );
  const made = (all: ScenarioEntry[], twin?: string, isFresh = true) => {
    const content = scenarioList(all, twin, isFresh);
    expect(validateMessage(content)).toEqual([]);
    return content;
  };

  test("are those of a twin where one is named", () => {
    expect(made(many, "slack").text).toMatch(/^22 scenarios: Scenario 1, Scenario 3/);
    expect(shown(made(many, "slack"))).toContain('/arga twins slack 60 --scenario \\"NAME\\"');
    expect(made(many, "github").text).toContain("No scenarios for `github` yet.");
  });

  test("beyond what a message holds are counted", () => {
    expect(shown(made(many))).toContain("and 15 more");
    const long = many.map((each) => ({ ...each, name: "n".repeat(100), description: "d".repeat(200) }));
    const content = shown(made(long));
    const left = Number(/and (\d+) more/.exec(content)?.[1]);
    expect(left + (content.match(/\*nnn/g)?.length ?? 0)).toBe(45);
  });

  test("starts with a press what it's for, under its name alone", () => {
    const all = [entry(1, { id: "2f1c-77", twins: ["stripe", "slack"] }), entry(2, { twins: [] })];
    const values = (twin?: string) =>
      made(all, twin).blocks.map((block) =>
        "accessory" in block && block.accessory ? block.accessory : undefined,
      );
    expect(values().filter(Boolean)).toMatchObject([{ value: "twins stripe,slack --scenario 2f1c-77" }]);
    expect(
      JSON.stringify(made(all).blocks.map((block) => ("text" in block ? block.text : ""))),
    ).not.toContain("2f1c");
  });

  test("one is called one, of any twin where it names none, and old where it may be", () => {
    const content = made([entry(1, { twins: [] })], undefined, false);
    expect(content.text).toMatch(/^1 scenario: Scenario 1/);
    expect(shown(content)).toContain("any twin");
    expect(shown(content)).toContain("Arga isn't answering, so this may be out of date.");
  });
});
