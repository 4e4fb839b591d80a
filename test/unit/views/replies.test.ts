import { describe, expect, test } from "vitest";
import { validateMessage, validateView } from "../../../sim/slack/blocks/validate.ts";
import { grammars } from "../../../src/handlers/commands/index.ts";
import type { Content } from "../../../src/views/card.ts";
import { credentials, credentialsFailed, credentialsLoading } from "../../../src/views/credentials.ts";
import { helpAll, helpOne } from "../../../src/views/help.ts";
import { catalogList, runList } from "../../../src/views/lists.ts";
import { commandOf, refusal, replyContent } from "../../../src/views/replies.ts";
import { safe, wellFormed } from "../../../src/views/text.ts";
import { NOW, PHASE_NAMES, runIn } from "../support/runs.ts";
import { smuggled } from "../support/scan.ts";

const shown = (content: Content): string => JSON.stringify(content);

describe("the command that asks for the same as a run", () => {
  const ofTest = (spec: object, more: object = {}) =>
    commandOf(runIn("requested", { kind: "test", spec, ...more }));

  test("is what was typed", () => {
    expect(ofTest({ saved: { id: "t-1" } })).toBe("/arga run t-1");
    expect(ofTest({ url: "https://a.example", prompt: "pay" })).toBe('/arga test https://a.example "pay"');
  });

  test("of a replay is the same replay, and no new test", () => {
    const previous = { id: "k7m2qx", outcome: "failed" };
    expect(ofTest({ url: "https://a.example", prompt: "pay", replays: "r-1" }, { previous })).toBe(
      "/arga rerun k7m2qx",
    );
    expect(ofTest({ saved: { id: "t-1" }, replays: "r-1" }, { previous })).toBe("/arga rerun k7m2qx");
  });
});

describe("answers to one person", () => {
  test.each([
    {
      type: "rejected",
      why: "Arga has no `strpe` twin. Did you mean `stripe`?",
      tryThis: "/arga twins stripe 60",
    },
    { type: "done", action: "extend", deadline: NOW },
    { type: "not_done", action: "lock", why: "it has already ended" },
    { type: "unclear", action: "reset" },
    { type: "card_delayed", why: "Slack is down" },
    { type: "card_delayed" },
  ] as const)("$type is a message that Slack takes", (what) => {
    const content = replyContent(runIn("ready"), what);
    expect(validateMessage(content)).toEqual([]);
    expect(smuggled(content)).toEqual([]);
    if ("why" in what) expect(content.text).toContain(what.why);
  });

  test("a refusal shows the command that works as code, to be copied", () => {
    const content = refusal("No `strpe` here.", "/arga twins stripe 60");
    expect(content.text).toBe("No `strpe` here. Try `/arga twins stripe 60`");
    expect(validateMessage(content)).toEqual([]);
  });
});

describe("help and lists", () => {
  test("help names every command, and each has its own page with all its flags", () => {
    const all = helpAll(grammars, "U0BOT");
    expect(validateMessage(all)).toEqual([]);
    expect(smuggled(all, { mentions: ["U0BOT"] })).toEqual([]);
    for (const grammar of grammars) {
      expect(shown(all)).toContain(`/arga ${grammar.name}`);
      const one = helpOne(grammar, "U0BOT");
      expect(validateMessage(one)).toEqual([]);
      expect(smuggled(one, { mentions: ["U0BOT"] })).toEqual([]);
      for (const part of [...Object.keys(grammar.flags).map((flag) => `--${flag}`), ...grammar.examples])
        expect(shown(one)).toContain(JSON.stringify(part).slice(1, -1));
    }
  });

  test("a list of many runs is cut, and says by how much", () => {
    const runs = Array.from({ length: 60 }, (_, n) => runIn("ready", { id: `run${n}` }));
    const content = runList(runs, "in this channel");
    expect(validateMessage(content)).toEqual([]);
    expect(smuggled(content, { channels: ["C0GENERAL"] })).toEqual([]);
    expect(shown(content)).toContain("and 35 more");
    expect(validateMessage(runList([], "of yours"))).toEqual([]);
  });

  test("a list has a heading, and each run its channel, a link to its card and a button", () => {
    const run = runIn("ready");
    const { blocks } = runList(
      [run],
      "in this workspace",
      () => "https://acme.slack.com/archives/C0GENERAL/p1",
    );
    expect(blocks[0]).toMatchObject({ text: { text: "*1 running in this workspace*" } });
    expect(shown({ text: "", blocks })).toMatch(
      /\*<https:\/\/acme\.slack\.com\/archives\/C0GENERAL\/p1\|[^|>]+>\*/,
    );
    expect(shown({ text: "", blocks })).toContain("<#C0GENERAL>");
    expect(blocks[1]).toMatchObject({ accessory: { action_id: "command.run.0", value: `status ${run.id}` } });
    expect(shown(runList([{ ...run, channel: "D0ADA" }], "of yours"))).not.toContain("<#");
  });

  test("a twin of the catalog starts with a press, one that can't be typed doesn't", () => {
    const content = catalogList(
      [{ name: "stripe" }, { name: "odd name" }, { name: "slack", kind: "chat" }],
      true,
    );
    const buttons = content.blocks.flatMap((block) => (block.type === "actions" ? block.elements : []));
    expect(buttons).toMatchObject([
      { action_id: "command.run.0", text: { text: "Start stripe" }, value: "twins stripe" },
      { action_id: "command.run.1", text: { text: "Start slack" }, value: "twins slack" },
    ]);
  });

  test("a list mentions nobody", () => {
    expect(
      shown(
        runList(
          PHASE_NAMES.map((phase) => runIn(phase)),
          "of yours",
        ),
      ),
    ).not.toContain("<@");
  });

  test("the catalog shows every twin, and says when it is old", () => {
    const twins = Array.from({ length: 300 }, (_, n) => ({ name: `twin_number_${n}`, kind: `kind${n % 3}` }));
    const content = catalogList(twins, false);
    expect(validateMessage(content)).toEqual([]);
    expect(smuggled(content)).toEqual([]);
    for (const { name } of twins) expect(shown({ ...content, text: "" })).toContain(`\`${name}\``);
    expect(shown(content)).toContain("Arga isn't answering");
    expect(validateMessage(catalogList([], true))).toEqual([]);
  });
});

describe("credentials", () => {
  const place = { run: "k7m2qx", channel: "C0GENERAL" };
  const groups = Array.from({ length: 40 }, (_, n) => ({
    title: `Twin ${n}`,
    facts: [{ name: "URL", value: `https://r5b1c3c9e--twin${n}.sandbox.argalabs.com/` }],
    variables: [{ name: `KEY_${n}`, value: `sk_test_${"a".repeat(100)}_${n}_` }],
  }));

  test("of as many twins as a run may have are all there, in a view that Slack opens", () => {
    const view = credentials(place, groups);
    expect(validateView(view)).toEqual([]);
    for (const { facts, variables } of groups) {
      for (const { name, value } of facts) expect(JSON.stringify(view)).toContain(`${name}: ${value}`);
      for (const { name, value } of variables) expect(JSON.stringify(view)).toContain(`${name}=${value}`);
    }
  });

  test("stand where nothing is formatted, linked or pinged", () => {
    const view = credentials(place, [
      { title: "X", facts: [], variables: [{ name: "A", value: "*a* <!channel> _b_ `c`" }] },
    ]);
    const [, , block] = view.blocks;
    expect(block?.type).toBe("rich_text");
    expect(JSON.stringify(block)).toContain("A='*a* <!channel> _b_ `c`'");
  });

  test.each([
    ["while Arga is asked", credentialsLoading(place)],
    ["when there are none", credentials(place, [])],
    ["when a twin has none", credentials(place, [{ title: "GitHub", facts: [], variables: [] }])],
    ["when they cannot be had", credentialsFailed(place, "Arga cannot be reached")],
    ["when nobody knows why not", credentialsFailed(place, "")],
  ])("%s, the view says so", (_, view) => {
    expect(validateView(view)).toEqual([]);
  });
});

describe("text that no one can see", () => {
  test("is dropped: control characters, halves of characters and marks of direction", () => {
    const odd = "a\u0000b\u001b[31mc\u200ed\u200fe\u061cf\ud800g\udc00h😀\u200d";
    expect(wellFormed(odd)).toBe("ab[31mcdefgh😀\u200d");
    expect(wellFormed("two\n\tlines\r\n")).toBe("two\n\tlines\r\n");
    expect(safe(odd)).toBe("ab[31mcdefgh😀\u200d");
  });

  test("is refused with words all the same", () => {
    expect(refusal("_\r\n\t").text).toBe("That was refused, but I wasn't told why.");
  });

  test("of a million characters is cut before it's cleaned", () => {
    const started = performance.now();
    for (const part of ["_", "*", "@channel ", ".", "`", "\u200f", "\ud800", " "])
      refusal(part.repeat(1_000_000));
    expect(performance.now() - started).toBeLessThan(1_000);
  });
});
