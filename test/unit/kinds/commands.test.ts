import { describe, expect, test } from "vitest";
import type { CommandGrammar } from "../../../src/kinds/grammar.ts";
import { allKinds } from "../../../src/kinds/index.ts";
import { newRun } from "../support/runs.ts";
import { commands, grammars, isStart, nameOf, parse, refusal } from "../support/typed.ts";

const URL_ = "https://shop.example.com";
const PULL = "https://github.com/acme/shop/pull/42";

type Row = [command: string, kind: string, spec: unknown];

describe("a test", () => {
  test.each<Row>([
    [`test ${URL_} sign up`, "test", { url: URL_, prompt: "sign up" }],
    [`test ${URL_} "sign up"`, "test", { url: URL_, prompt: "sign up" }],
    [`test ${URL_} “sign up”`, "test", { url: URL_, prompt: "sign up" }],
    [`test "sign up" ${URL_}`, "test", { url: URL_, prompt: "sign up" }],
    [`test <${URL_}|shop> sign up`, "test", { url: URL_, prompt: "sign up" }],
    [`test <${URL_}/> sign up`, "test", { url: `${URL_}/`, prompt: "sign up" }],
    [`test <${URL_}/?a=1&amp;b=2> &lt;b&gt;`, "test", { url: `${URL_}/?a=1&b=2`, prompt: "<b>" }],
    [
      `test ${URL_} go to https://other.example then back`,
      "test",
      { url: URL_, prompt: "go to https://other.example then back" },
    ],
    [
      `test ${URL_} pay --twins Stripe,slack --repo acme/shop.js --branch feature/x-1`,
      "test",
      { url: URL_, prompt: "pay", twins: ["stripe", "slack"], repo: "acme/shop.js", branch: "feature/x-1" },
    ],
    [
      `test ${URL_} pay --repo <https://github.com/acme/shop>`,
      "test",
      { url: URL_, prompt: "pay", repo: "acme/shop" },
    ],
    [`test --twins=stripe ${URL_} pay`, "test", { url: URL_, prompt: "pay", twins: ["stripe"] }],
    [
      `test ${URL_} --twins "stripe, slack" pay`,
      "test",
      { url: URL_, prompt: "pay", twins: ["stripe", "slack"] },
    ],
    [`test ${URL_} —branch main pay`, "test", { url: URL_, prompt: "pay", branch: "main" }],
    ['test "sign up" --sandbox k7m2qx', "test", { prompt: "sign up", sandboxId: "k7m2qx" }],
    ["test sign up --sandbox=k7m2qx", "test", { prompt: "sign up", sandboxId: "k7m2qx" }],
    [`test ${URL_} sign up --sandbox k7m2qx`, "test", { url: URL_, prompt: "sign up", sandboxId: "k7m2qx" }],
    [
      `test open ${URL_} there --sandbox k7m2qx`,
      "test",
      { prompt: `open ${URL_} there`, sandboxId: "k7m2qx" },
    ],
    ["test http://localhost:3000 it works", "test", { url: "http://localhost:3000", prompt: "it works" }],
  ])("%s", (command, kind, spec) => {
    expect(parse(command)).toEqual({ kind, spec });
  });

  test.each([
    ["test", /Which page/],
    [`test ${URL_}`, /What should I test/],
    [`test ${URL_} ""`, /What should I test/],
    [`test ${URL_} " "`, /What should I test/],
    ['test " "', /Which page/],
    ["test '' ' '", /Which page/],
    ['test " " shop.example.com', /`shop.example.com` isn't a full URL/],
    [`test ${URL_} pay --branch " "`, /--branch needs a value/],
    [`test ${URL_} pay --twins=" "`, /--twins needs a value/],
    ["test --sandbox k7m2qx", /What should I test/],
    ["test sign up and log out", /`sign` isn't a full URL/],
    ["test shop.example.com pay", /isn't a full URL/],
    ["test ftp://shop.example.com pay", /isn't a full URL/],
    ["test javascript:alert(1) pay", /isn't a full URL/],
    ["test https:// pay", /isn't a full URL/],
    ["test https://ada:secret@shop.example.com pay", /leave out any password/],
    ["test https://:secret@shop.example.com pay", /leave out any password/],
    ['test "https://shop.example.com/a b" pay', /isn't a full URL/],
    [`test https://shop.example.com/${"x".repeat(2_000)} pay`, /2025 characters/],
    [`test ${URL_} pay --twins "not a twin!"`, /can't be a twin/],
    [`test ${URL_} pay --repo acme`, /`acme` isn't a repository/],
    [`test ${URL_} pay --repo https://github.com/acme`, /isn't a repository/],
    [`test ${URL_} pay --branch a..b`, /can't be a branch/],
    [`test ${URL_} pay --twin stripe`, /Did you mean `--twins`/],
    [`test ${URL_} pay --colour red`, /has no --colour flag. It takes --twins/],
    [`test ${URL_} pay --twins`, /--twins needs a value/],
    [`test ${URL_} pay --twins --repo a/b`, /--twins needs a value/],
    [`test ${URL_} "pay`, /without a closing one/],
  ])("%s is refused", (command, why) => {
    expect(refusal(command).message).toMatch(why);
  });

  test("quotes with nothing but blanks in them say nothing, and what is then proposed works", () => {
    expect(parse(`test " " ${URL_} "" pay`)).toEqual(parse(`test ${URL_} pay`));
    expect(parse(`validate ${URL_} " "`)).toEqual(parse(`validate ${URL_}`));
    for (const blank of ['""', '" "', "'\u00a0'", "“  ”"])
      for (const command of [`test ${blank}`, `validate ${blank}`, `twins ${blank}`])
        expect(() => parse(refusal(command).tryThis ?? "")).not.toThrow();
    expect(refusal('twins stripe --prompt " "').message).toMatch(/--prompt needs a value/);
    expect(refusal('validate acme/shop main --notes " "').message).toMatch(/--notes needs a value/);
  });

  test("an address without https:// is answered with the whole command, with it", () => {
    expect(refusal("test shop.example.com/cart pay now").tryThis).toBe(
      '/arga test https://shop.example.com/cart "pay now"',
    );
    expect(refusal("test sign up and log out").tryThis).toBe(
      '/arga test https://example.com "sign up and log out"',
    );
  });
});

describe("a saved test", () => {
  test.each<Row>([
    ["run 7f3a", "test", { saved: { id: "7f3a" } }],
    [`run 7f3a ${URL_}`, "test", { saved: { id: "7f3a" }, url: URL_ }],
    [`run 7f3a <${URL_}|shop.example.com>`, "test", { saved: { id: "7f3a" }, url: URL_ }],
    [`run ${URL_} 7f3a`, "test", { saved: { id: "7f3a" }, url: URL_ }],
    ['run "Guest checkout"', "test", { saved: { id: "Guest checkout" } }],
    ["run Guest checkout", "test", { saved: { id: "Guest checkout" } }],
    [`run Guest checkout ${URL_}`, "test", { saved: { id: "Guest checkout" }, url: URL_ }],
    [
      "run 0b6f3a0e-93c1-4a5e-8a30-3f0f8c6f2a11",
      "test",
      { saved: { id: "0b6f3a0e-93c1-4a5e-8a30-3f0f8c6f2a11" } },
    ],
  ])("%s", (command, kind, spec) => {
    expect(parse(command)).toEqual({ kind, spec });
  });

  test.each([
    ["run", /Which saved test/],
    [`run ${"x".repeat(151)}`, /can't be the id of a test/],
    ["run 7f3a shop.example.com", /isn't a full URL/],
    ["run 7f3a --twins stripe", /has no --twins flag. It takes no flags/],
  ])("%s is refused", (command, why) => {
    expect(refusal(command).message).toMatch(why);
  });
});

describe("a sandbox", () => {
  const branch = { repo: "acme/shop", branch: "main" };
  const pull = { repo: "acme/shop", prUrl: PULL };

  test.each<Row>([
    ["sandbox acme/shop main", "sandbox", { ...branch, ttlMinutes: 60 }],
    ["sandbox acme/shop main stripe 90", "sandbox", { ...branch, twins: ["stripe"], ttlMinutes: 90 }],
    [
      "sandbox acme/shop main 2h stripe slack",
      "sandbox",
      { ...branch, twins: ["stripe", "slack"], ttlMinutes: 120 },
    ],
    [
      "sandbox acme/shop main stripe, slack 5m",
      "sandbox",
      { ...branch, twins: ["stripe", "slack"], ttlMinutes: 5 },
    ],
    [
      "sandbox acme/shop.js feature/a.b",
      "sandbox",
      { repo: "acme/shop.js", branch: "feature/a.b", ttlMinutes: 60 },
    ],
    [`sandbox ${PULL}`, "sandbox", { ...pull, ttlMinutes: 60 }],
    [`sandbox <${PULL}|pull 42> stripe`, "sandbox", { ...pull, twins: ["stripe"], ttlMinutes: 60 }],
    [`sandbox stripe 30 ${PULL}`, "sandbox", { ...pull, twins: ["stripe"], ttlMinutes: 30 }],
    [`sandbox acme/shop ${PULL}/files 30`, "sandbox", { ...pull, ttlMinutes: 30 }],
    [`sandbox Acme/Shop ${PULL}`, "sandbox", { ...pull, ttlMinutes: 60 }],
    [
      "sandbox acme/shop main --scenario=checkout",
      "sandbox",
      { ...branch, ttlMinutes: 60, scenarioId: "checkout" },
    ],
    [
      "sandbox --scenario checkout acme/shop main 1",
      "sandbox",
      { ...branch, ttlMinutes: 1, scenarioId: "checkout" },
    ],
  ])("%s", (command, kind, spec) => {
    expect(parse(command)).toEqual({ kind, spec });
  });

  test.each([
    ["sandbox", /Which code/],
    ["sandbox stripe 60", /`stripe` isn't a repository/],
    ["sandbox acme/shop", /Which branch of `acme\/shop`/],
    ["sandbox ../shop main", /isn't a repository/],
    ["sandbox acme/.. main", /isn't a repository/],
    ["sandbox acme/shop ma~in", /can't be a branch/],
    ["sandbox acme/shop https://github.com/acme/shop", /can't be a branch/],
    ["sandbox acme/shop https://github.com/acme/cart/pull/1", /is in `acme\/cart`, not in `acme\/shop`/],
    ["sandbox acme/shop main 60 90", /two times/],
    ["sandbox acme/shop main 481", /The most is 8 h/],
    ["sandbox acme/shop main what?", /can't be a twin/],
    ["sandbox acme/shop main --scenario", /--scenario needs a value/],
    ["sandbox acme/shop main --private", /has no --private flag/],
  ])("%s is refused", (command, why) => {
    expect(refusal(command).message).toMatch(why);
  });

  test("lasts no longer than this bot or the plan allows when no time is given", () => {
    const spec = { ...branch, ttlMinutes: 45 };
    expect(parse("sandbox acme/shop main", { maxTtlMinutes: 45 }).spec).toEqual(spec);
    const limits = { maxTtlMinutes: 480, planTtlMinutes: 45 };
    expect(parse("sandbox acme/shop main", limits).spec).toEqual(spec);
  });
});

describe("a validation", () => {
  test.each<Row>([
    [`validate ${URL_}`, "url", { url: URL_ }],
    [`validate <${URL_}|shop.example.com>`, "url", { url: URL_ }],
    [`validate ${URL_} a guest checks out`, "url", { url: URL_, prompt: "a guest checks out" }],
    [`validate "a guest checks out" ${URL_}`, "url", { url: URL_, prompt: "a guest checks out" }],
    [`validate ${URL_} --twins=stripe "pay"`, "url", { url: URL_, prompt: "pay", twins: ["stripe"] }],
    ["validate https://github.com/acme/shop", "url", { url: "https://github.com/acme/shop" }],
    [`validate ${PULL}`, "pr", { repo: "acme/shop", prUrl: PULL }],
    [`validate ${PULL}/files`, "pr", { repo: "acme/shop", prUrl: PULL }],
    [`validate ${PULL}?w=1#discussion_r7`, "pr", { repo: "acme/shop", prUrl: PULL }],
    [`validate <${PULL}/files?w=1|#42>`, "pr", { repo: "acme/shop", prUrl: PULL }],
    [`validate acme/shop ${PULL}`, "pr", { repo: "acme/shop", prUrl: PULL }],
    [`validate ${PULL} the cart`, "pr", { repo: "acme/shop", prUrl: PULL, notes: "the cart" }],
    [`validate "the cart" ${PULL}`, "pr", { repo: "acme/shop", prUrl: PULL, notes: "the cart" }],
    ["validate acme/shop main", "pr", { repo: "acme/shop", branch: "main" }],
    ["validate acme/shop.js v1.2", "pr", { repo: "acme/shop.js", branch: "v1.2" }],
    [
      'validate acme/shop main --notes "the cart" --twins stripe',
      "pr",
      { repo: "acme/shop", branch: "main", notes: "the cart", twins: ["stripe"] },
    ],
    [
      "validate --notes=“the cart” acme/shop main",
      "pr",
      { repo: "acme/shop", branch: "main", notes: "the cart" },
    ],
  ])("%s", (command, kind, spec) => {
    expect(parse(command)).toEqual({ kind, spec });
  });

  test.each([
    ["validate", /What should I validate/],
    ["validate shop.example.com", /isn't a full URL/],
    ["validate shop.example.com/cart", /could be a page or a repository/],
    ["validate the cart", /isn't a full URL/],
    ["validate acme/shop", /Which branch/],
    [`validate ${URL_} --notes x`, /--notes is for pull requests and branches/],
    ["validate acme/shop -x", /can't be a branch/],
    [`validate acme/cart ${PULL}`, /is in `acme\/shop`, not in `acme\/cart`/],
    [`validate ${URL_} --twins ?`, /can't be a twin/],
    [`validate ${URL_} --note x`, /Did you mean `--notes`/],
  ])("%s is refused", (command, why) => {
    expect(refusal(command).message).toMatch(why);
  });

  test("an address without https:// is answered with it, and with what was to be tested", () => {
    const { tryThis = "" } = refusal('validate shop.example.com "say \\"hi\\""');
    expect(parse(tryThis)).toEqual({ kind: "url", spec: { url: URL_, prompt: 'say "hi"' } });
    expect(refusal("validate shop.example.com/cart").tryThis).toBe(
      "/arga validate https://shop.example.com/cart",
    );
  });
});

describe("an agent run", () => {
  test.each<Row>([
    ["agent acme/shop main", "agent", { repo: "acme/shop", branch: "main" }],
    [`agent ${PULL}`, "agent", { repo: "acme/shop", prUrl: PULL }],
    [`agent <${PULL}/commits|42>`, "agent", { repo: "acme/shop", prUrl: PULL }],
    [`agent acme/shop ${PULL}`, "agent", { repo: "acme/shop", prUrl: PULL }],
  ])("%s", (command, kind, spec) => {
    expect(parse(command)).toEqual({ kind, spec });
  });

  test.each([
    ["agent", /Which code/],
    ["agent acme/shop", /Which branch/],
    ["agent acme/shop main now", /Unexpected argument `now`/],
    [`agent ${URL_}`, /isn't a repository/],
    ["agent acme/shop main --notes x", /has no --notes flag/],
  ])("%s is refused", (command, why) => {
    expect(refusal(command).message).toMatch(why);
  });
});

describe("each command of a kind", () => {
  const examples = grammars.flatMap((grammar) => grammar.examples.map((example) => ({ grammar, example })));

  test.each(examples)("takes its own example: $example", ({ grammar, example }) => {
    expect(nameOf(example)).toBe(grammar.name);
    const { kind, spec } = parse(example);
    const own = commands.filter((command) => command.grammar === grammar).map((command) => command.kind);
    const definition = own.find((each) => each.kind === kind);
    expect(definition?.spec(newRun({ spec: JSON.parse(JSON.stringify(spec)) }))).toEqual(spec);
  });

  test.each(examples.map(({ example }) => ({ example })))(
    "$example may be typed as Slack sends it",
    ({ example }) => {
      const escaped = example.replace(
        /https?:\/\/[^\s"]+/g,
        (url) => `<${url}|${url.replace(/^https?:../, "")}>`,
      );
      expect(parse(escaped)).toEqual(parse(example));
      expect(parse(example.replaceAll('"', "”"))).toEqual(parse(example));
    },
  );

  test("has an example for each of its flags, or none that needs one", () => {
    for (const grammar of grammars)
      for (const name of flagsWithValue(grammar)) {
        const { tryThis = "" } = refusal(`${grammar.name} --${name}`);
        if (isStart(tryThis)) expect(() => parse(tryThis)).not.toThrow();
      }
  });
});

const flagsWithValue = (grammar: CommandGrammar): string[] =>
  Object.entries(grammar.flags).flatMap(([name, { value }]) => (value ? [name] : []));

test.each(["test https://shop.example.com", "validate https://shop.example.com", "twins strpe 60 --prompt"])(
  "%s is typed again with all of a long text: a button runs it",
  (start) => {
    const text = "a guest can check out ".repeat(40).trim();
    const { kind, spec } = parse(`${start} "${text}"`);
    const again = allKinds
      .find((each) => each.kind === kind)
      ?.needs(spec)
      .retype(["stripe"], undefined);
    expect(again).toContain(text);
  },
);

test.each([
  "twins stripe 90 --scenario checkout",
  "test https://shop.example.com pay",
  "run 7f3a https://shop.example.com",
  "sandbox acme/cart main stripe 90",
  "validate https://shop.example.com pay --twins stripe",
  "validate acme/cart feature/x",
  "agent acme/cart feature/x",
  "agent https://github.com/acme/cart/pull/7",
])("%s is what *Try again* runs, and not an example", (command) => {
  const asked = parse(command);
  const { twins, ttlMinutes, retype } =
    allKinds.find(({ kind }) => kind === asked.kind)?.needs(asked.spec) ?? {};
  expect(parse(retype?.(twins ?? [], ttlMinutes) ?? "")).toEqual(asked);
});
