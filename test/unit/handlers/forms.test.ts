import { describe, expect, test } from "vitest";
import { validateView } from "../../../sim/slack/blocks/validate.ts";
import { prefillOf } from "../../../src/handlers/forms/from-message.ts";
import {
  type Errors,
  type ParsedSubmission,
  parseSandboxForm,
  parseTestForm,
  parseTwinsForm,
  parseValidateForm,
  testPrefillOf,
  wrongIn,
} from "../../../src/handlers/forms/parse-submission.ts";
import type { Submission } from "../../../src/handlers/shared/handlers.ts";
import { readLine, words } from "../../../src/kinds/grammar.ts";
import { actionOf } from "../../../src/views/form-inputs.ts";
import { optionsFor, timeChoices } from "../../../src/views/form-options.ts";
import {
  type FormContext,
  type Subject,
  sandboxForm,
  testForm,
  twinsForm,
  validateForm,
} from "../../../src/views/forms.ts";

const limits = { maxTtlMinutes: 480 };
const context: FormContext = { limits };

/** What Slack sends of a form: texts as strings, one chosen option as `{one}`, several as a list. */
type Filled = Record<string, string | string[] | { one: string }>;

function submitted(filled: Filled, metadata = ""): Submission {
  const values = Object.entries(filled).map(([field, value]) => {
    if (typeof value === "string") return [field, { [actionOf(field)]: { value } }];
    if (Array.isArray(value))
      return [field, { [actionOf(field)]: { selected_options: value.map((each) => ({ value: each })) } }];
    return [field, { [actionOf(field)]: { selected_option: { value: value.one } } }];
  });
  return { id: "V1", metadata, values: Object.fromEntries(values) };
}

const errorsOf = ({ checks }: ParsedSubmission): Errors => wrongIn(checks);
const specOf = ({ command, line }: ParsedSubmission): unknown => command.parse(line, limits);

/** What the same command makes of what is typed. */
function typed({ command }: ParsedSubmission, text: string): unknown {
  const grammar = command.kind.commands.find(({ grammar }) => text.startsWith(`${grammar.name} `))?.grammar;
  if (!grammar) throw new Error(`nothing takes ${text}`);
  return command.parse(readLine(words(text).slice(1), grammar), limits);
}

const twins = (filled: Filled): ParsedSubmission => parseTwinsForm(submitted(filled), limits);
const validation = (filled: Filled): ParsedSubmission => parseValidateForm(submitted(filled), limits);
const sandbox = (filled: Filled): ParsedSubmission => parseSandboxForm(submitted(filled), limits);
const ofTest = (filled: Filled): ParsedSubmission => parseTestForm(submitted(filled), limits);

describe("a form is the command that nobody had to type", () => {
  test.each<[string, () => ParsedSubmission, string]>([
    ["one twin", () => twins({ twins: ["stripe"] }), "twins stripe"],
    ["a time with spaces", () => twins({ twins: ["stripe"], time: " 1 h 30 min " }), "twins stripe 1h30m"],
    ["a time in words", () => twins({ twins: ["stripe"], time: "90 minutes" }), "twins stripe 90"],
    [
      "everything",
      () =>
        twins({
          twins: ["stripe", "slack"],
          time: "2h",
          scenario: { one: "s-1" },
          access: { one: "private" },
        }),
      "twins stripe,slack 2h --scenario s-1 --private",
    ],
    [
      "a prompt that looks like flags",
      () => twins({ twins: ["stripe"], prompt: 'two "late" --private customers' }),
      'twins stripe --prompt "two \\"late\\" --private customers"',
    ],
    [
      "a page",
      () => ofTest({ url: " https://shop.example.com ", what: "pay\nand leave" }),
      'test https://shop.example.com "pay\nand leave"',
    ],
    [
      "a page with all around it",
      () =>
        ofTest({
          url: "https://a.example",
          what: "x",
          twins: ["stripe", "slack"],
          repo: "acme/shop",
          branch: "fix/1",
        }),
      "test https://a.example x --twins stripe,slack --repo acme/shop --branch fix/1",
    ],
    [
      "a page to validate",
      () => validation({ target: "https://a.example", what: "a guest can pay", twins: ["stripe"] }),
      'validate https://a.example "a guest can pay" --twins stripe',
    ],
    [
      "a branch to validate",
      () => validation({ target: "acme/shop", branch: "main", what: "the cart is new" }),
      'validate acme/shop main --notes "the cart is new"',
    ],
    [
      "a pull request to validate",
      () => validation({ target: "https://github.com/acme/shop/pull/42" }),
      "validate https://github.com/acme/shop/pull/42",
    ],
    [
      "a sandbox",
      () =>
        sandbox({
          target: "acme/shop",
          branch: "main",
          twins: ["stripe", "slack"],
          time: "2 h",
          scenario: { one: "s-1" },
        }),
      "sandbox acme/shop main stripe,slack 2h --scenario s-1",
    ],
    [
      "a sandbox of a pull request",
      () => sandbox({ target: "https://github.com/acme/shop/pull/42" }),
      "sandbox https://github.com/acme/shop/pull/42",
    ],
    ["a saved test", () => ofTest({ saved: { one: "t-1" } }), "run t-1"],
    [
      "a saved test elsewhere",
      () => ofTest({ saved: { one: "t-1" }, url: "https://a.example" }),
      "run t-1 https://a.example",
    ],
  ])("%s", (_name, read, text) => {
    const reading = read();
    expect(errorsOf(reading)).toEqual({});
    expect(specOf(reading)).toEqual(typed(reading, text));
  });
});

describe("each field hears what is wrong with it, all at once, in plain words", () => {
  const long = "x".repeat(2_500);
  test.each<[string, () => ParsedSubmission, Record<string, RegExp>]>([
    ["no twin", () => twins({ twins: [] }), { twins: /Which twin/ }],
    ["a time for a twin", () => twins({ twins: ["stripe", "60"] }), { twins: /“60” can't be a twin/ }],
    ["a ping for a twin", () => twins({ twins: ["<!channel>"] }), { twins: /can't be a twin/ }],
    ["a word for a time", () => twins({ twins: ["stripe"], time: "soon" }), { time: /“soon” isn't a time/ }],
    ["a twin for a time", () => twins({ twins: ["stripe"], time: "slack" }), { time: /isn't a time/ }],
    ["two times", () => twins({ twins: ["stripe"], time: "10,20" }), { time: /isn't a time/ }],
    ["too long a time", () => twins({ twins: ["stripe"], time: "481" }), { time: /The most is 8 h/ }],
    ["no time at all", () => twins({ twins: ["stripe"], time: "0" }), { time: /The least is 1 min/ }],
    ["too long a prompt", () => twins({ twins: ["stripe"], prompt: long }), { prompt: /2500 characters/ }],
    [
      "two seeds",
      () => twins({ twins: ["stripe"], scenario: { one: "s" }, prompt: "p" }),
      { prompt: /not both\. Arga would ignore/ },
    ],
    [
      "everything wrong",
      () => twins({ twins: ["$"], time: "x", prompt: long }),
      { twins: /name/, time: /isn't a time/, prompt: /characters/ },
    ],
    ["nothing", () => ofTest({}), { url: /a page's URL/, what: /what to test/ }],
    [
      "no address",
      () => ofTest({ url: "shop", what: "x", repo: "acme", branch: "a b" }),
      { url: /isn't a full URL/, repo: /owner\/name/, branch: /can't be a branch/ },
    ],
    [
      "two addresses",
      () => ofTest({ url: "https://a.example https://b.example", what: "x" }),
      { url: /Just one URL/ },
    ],
    [
      "a password in the address",
      () => ofTest({ url: "https://u:p@a.example", what: "x" }),
      { url: /leave out any password/ },
    ],
    [
      "an odd twin",
      () => ofTest({ url: "https://a.example", what: "x", twins: ["a b"] }),
      { twins: /can't be a twin/ },
    ],
    [
      "a saved test and more",
      () => ofTest({ saved: { one: "t" }, url: "a", what: "x", twins: ["stripe"], repo: "a/b", branch: "c" }),
      {
        url: /isn't a full URL/,
        what: /of its own|its own/,
        twins: /its own/,
        repo: /its own/,
        branch: /its own/,
      },
    ],
    ["an odd id", () => ofTest({ saved: { one: "a".repeat(151) } }), { saved: /can't be the id/ }],
  ])("%s", (_name, read, expected) => {
    const errors = errorsOf(read());
    expect(Object.keys(errors).sort()).toEqual(Object.keys(expected).sort());
    for (const [field, words] of Object.entries(expected)) expect(errors[field]).toMatch(words);
    expect(JSON.stringify(errors)).not.toMatch(/`|--/);
  });
});

describe("a message fills in the first link, and its text as a person reads it", () => {
  const filled = (text: string) => {
    const { url, what } = prefillOf({ text, channel: "C1", ts: "1.2" });
    return [url, what];
  };
  test.each<[string, string | undefined, string | undefined]>([
    ["<https://a.example/x?a=1&amp;b=2> is broken", "https://a.example/x?a=1&b=2", "is broken"],
    [
      "see <https://a.example|the shop>, then <https://b.example>",
      "https://a.example",
      "see the shop, then https://b.example",
    ],
    ["<https://a.example|a.example> fails", "https://a.example", "fails"],
    [
      "<@U0BOB> and <@U0ADA|ada> look at <https://a.example>!",
      "https://a.example",
      "@someone and @ada look at!",
    ],
    ["<!channel> <!subteam^S1|@web> in <#C1|dev>: 1 &lt; 2", undefined, "@channel @web in #dev: 1 < 2"],
    [
      "due <!date^1^{date}|today>, mail <mailto:a@b.example|a@b.example>",
      undefined,
      "due today, mail a@b.example",
    ],
    ["try https://a.example/x. It fails", "https://a.example/x", "try. It fails"],
    ["one\n\n\n\n  two   three ", undefined, "one\n\ntwo three"],
    ["<https://a.example>", "https://a.example", undefined],
    ["", undefined, undefined],
  ])("%s", (text, url, what) => {
    expect(filled(text)).toEqual([url, what]);
  });

  test("a reply's thread is that of its first message", () => {
    const at = { text: "", channel: "C1", ts: "2.0" };
    expect(prefillOf(at).from).toEqual({ channel: "C1", threadTs: "2.0" });
    expect(prefillOf({ ...at, threadTs: "1.0" }).from).toEqual({ channel: "C1", threadTs: "1.0" });
  });

  test("the thread travels in the form, and nothing else does", () => {
    const { private_metadata } = testForm(context, prefillOf({ text: "secret", channel: "C1", ts: "2.0" }));
    expect(JSON.parse(private_metadata ?? "")).toEqual({ from: { channel: "C1", threadTs: "2.0" } });
    const reading = parseTestForm(
      submitted({ url: "https://a.example", what: "x" }, private_metadata),
      limits,
    );
    expect(reading.sourceThread).toEqual({ channel: "C1", threadTs: "2.0" });
  });
});

describe("what the searchable fields offer", () => {
  const choices = ["stripe", "slack", "github", "unified_stripe"].map((value) => ({ value, text: value }));
  const offered = (typed: string, isFresh = true, all = choices) =>
    optionsFor({ choices: all, isFresh, pattern: /^[a-z_]+$/i }, typed).map(({ value }) => value);

  test("everything at first, then what begins so, then what has it in it", () => {
    expect(offered("")).toEqual(["stripe", "slack", "github", "unified_stripe"]);
    expect(offered("STR")).toEqual(["stripe", "unified_stripe"]);
    expect(offered("strpe")).toEqual(["stripe"]);
  });

  test("the typed word itself where the list does not settle it", () => {
    expect(offered("plaid")).toEqual(["plaid"]);
    expect(offered("strip", false)).toEqual(["stripe", "unified_stripe", "strip"]);
    expect(offered("stripe", false)).toEqual(["stripe", "unified_stripe"]);
    expect(offered("plaid", false, [])).toEqual(["plaid"]);
    expect(offered("no name", false, [])).toEqual([]);
    expect(offered("", false, [])).toEqual([]);
  });
});

describe("a form asks for what it needs, and for no more", () => {
  const fieldsOf = (view: { blocks: readonly object[] }): string[] =>
    (view.blocks as { block_id?: string; optional?: boolean; type: string }[])
      .filter(({ type }) => type === "input")
      .map(({ block_id, optional }) => `${block_id}${optional ? "?" : ""}`);

  test("of twins", () => {
    expect(fieldsOf(twinsForm(context))).toEqual([
      "twins",
      "time?",
      "scenario?",
      "prompt?",
      "access",
      "channel",
    ]);
  });

  test("of a test: a page and what to test, or a saved one that has both", () => {
    const page = ["saved?", "url", "what", "twins?", "repo?", "branch?", "channel"];
    expect(fieldsOf(testForm(context))).toEqual(page);
    expect(fieldsOf(testForm(context, { saved: "t-1" }))).toEqual(["saved?", "url?", "channel"]);
  });

  test("of a validation and of a sandbox: a branch only of a branch", () => {
    const validates = (subject: Subject) => fieldsOf(validateForm(context, { subject }));
    expect(validates("page")).toEqual(["subject", "target", "what?", "twins?", "channel"]);
    expect(validates("pull")).toEqual(validates("page"));
    expect(validates("branch")).toEqual(["subject", "target", "branch", "what?", "twins?", "channel"]);
    const boxes = (subject: Subject) => fieldsOf(sandboxForm(context, { subject }));
    expect(boxes("branch")).toEqual(["code", "target", "branch", "twins?", "time?", "scenario?", "channel"]);
    expect(boxes("pull")).toEqual(["code", "target", "twins?", "time?", "scenario?", "channel"]);
  });

  test("and keeps what was filled in when it is drawn anew", () => {
    const filled = {
      url: "https://a.example",
      what: "x",
      twins: ["stripe"],
      repo: "acme/shop",
      branch: "main",
    };
    const from = { channel: "C1", threadTs: "1.2" };
    expect(testPrefillOf(submitted(filled, JSON.stringify({ from })))).toEqual({ ...filled, from });
  });
});

describe("the durations that are offered", () => {
  const offered = (typed: string, most = 480): string[] =>
    timeChoices(typed, most).map(({ value, text }) => `${value}: ${text.text}`);

  test("are the usual ones, up to the most that there may be", () => {
    expect(offered("")).toEqual(["15: 15 min", "30: 30 min", "60: 1 h", "120: 2 h", "240: 4 h", "480: 8 h"]);
    expect(offered("", 10)).toEqual(["10: 10 min"]);
    expect(offered("", 90)).toEqual(["15: 15 min", "30: 30 min", "60: 1 h", "90: 1 h 30 min"]);
  });

  test("and what is typed, if it is one", () => {
    expect(["90", "90m", "1h 30m", "1.5h", "an hour and a half"].map((typed) => offered(typed))).toEqual(
      Array.from({ length: 5 }, () => ["90: 1 h 30 min"]),
    );
    expect(["soon", "0", "481", "9h", "-5"].flatMap((typed) => offered(typed))).toEqual([]);
  });

  test("are read as they were offered or typed", () => {
    const spec = specOf(twins({ twins: ["stripe"], time: { one: "90" } }));
    expect(spec).toEqual(specOf(twins({ twins: ["stripe"], time: "1 h 30 min" })));
    expect(spec).toEqual(specOf(twins({ twins: ["stripe"], time: { one: "1h 30m" } })));
  });
});

describe("what a form of twins says of the time", () => {
  const hint = (more: Partial<FormContext>): string =>
    JSON.stringify(twinsForm({ ...context, ...more }).blocks.find((block) => block.block_id === "time"));
  test("the plan's limit, where it is the lower one", () => {
    expect(hint({})).toContain("Up to 8 h. If you leave it empty: 1 h.");
    expect(hint({ limits: { ...limits, planTtlMinutes: 30 }, planName: "free" })).toContain(
      "Up to 30 min on your Arga account's free plan. If you leave it empty: 30 min.",
    );
    expect(hint({ limits: { ...limits, planTtlMinutes: 1_000 }, planName: "team" })).toContain(
      "Up to 8 h. If you leave it empty: 1 h",
    );
  });
});

describe("the forms of validations and sandboxes", () => {
  test("are ones that Slack opens", () => {
    for (const form of [validateForm, sandboxForm])
      for (const subject of ["page", "branch", "pull"] as const)
        for (const more of [{}, { isAway: true, channel: "C0GENERAL" }])
          expect(validateView(form({ ...context, ...more }, { subject }))).toEqual([]);
  });

  const PR = "https://github.com/acme/shop/pull/42";
  test.each<[string, ParsedSubmission, string, string]>([
    [
      "a page with a branch",
      validation({ target: "https://a.example", branch: "main" }),
      "branch",
      "no branch",
    ],
    ["a repository alone", validation({ target: "acme/shop" }), "branch", "Which branch"],
    ["a pull request and a branch", validation({ target: PR, branch: "main" }), "branch", "of its own"],
    ["what is neither", validation({ target: "shop" }), "target", "URL"],
    ["a page and a word", validation({ target: "https://a.example x" }), "target", "Just one"],
    ["a page as code", sandbox({ target: "https://a.example" }), "target", "isn't a repository"],
    ["code without a branch", sandbox({ target: "acme/shop" }), "branch", "Which branch"],
    ["a pull request and a branch", sandbox({ target: PR, branch: "main" }), "branch", "of its own"],
    ["an odd branch", sandbox({ target: "acme/shop", branch: "a..b" }), "branch", "can't be a branch"],
    ["too long a time", sandbox({ target: "acme/shop", branch: "main", time: "9h" }), "time", "too long"],
    [
      "a page for a branch",
      validation({ subject: { one: "branch" }, target: "https://a.example/b", what: "x" }),
      "target",
      "owner/name",
    ],
    [
      "a page for a pull request",
      validation({ subject: { one: "pull" }, target: "https://a.example" }),
      "target",
      "a pull request's URL",
    ],
    [
      "a repository for a pull request",
      sandbox({ code: { one: "pull" }, target: "acme/shop", branch: "main" }),
      "target",
      "a pull request's URL",
    ],
  ])("%s is refused where it stands", (_, parsed, field, why) => {
    expect(errorsOf(parsed)).toEqual({ [field]: expect.stringContaining(why) });
  });
});
