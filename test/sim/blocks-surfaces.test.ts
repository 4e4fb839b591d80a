import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Surface, validateBlocks } from "../../sim/slack/blocks/validate.ts";
import {
  actions,
  button,
  cell,
  chart,
  codes,
  divider,
  input,
  type Json,
  mrkdwn,
  plain,
  rich,
  section,
  task,
} from "./blocks-samples.ts";

describe("surfaces", () => {
  const samples: Record<string, [Json, Surface[]]> = {
    actions: [actions(button), ["message", "modal", "home"]],
    alert: [{ type: "alert", text: plain("x") }, ["modal"]],
    card: [{ type: "card", body: plain("x") }, ["message", "home"]],
    carousel: [{ type: "carousel", elements: [{ type: "card", body: plain("x") }] }, ["message", "home"]],
    container: [{ type: "container", title: plain("x"), child_blocks: [divider] }, ["message", "home"]],
    context_actions: [
      { type: "context_actions", elements: [{ type: "icon_button", icon: "trash", text: plain("x") }] },
      ["message"],
    ],
    data_table: [{ type: "data_table", caption: "c", rows: [[cell], [cell]] }, ["message"]],
    data_visualization: [chart({ type: "pie", segments: [{ label: "a", value: 1 }] }), ["message", "home"]],
    file: [{ type: "file", source: "remote", external_id: "x" }, []],
    markdown: [{ type: "markdown", text: "x" }, ["message"]],
    plan: [{ type: "plan", title: "x" }, ["message"]],
    rich_text: [rich(), ["message", "modal", "home"]],
    table: [{ type: "table", rows: [[cell]] }, ["message"]],
    task_card: [{ type: "task_card", ...task }, ["message"]],
    "email_text_input element": [input({ type: "email_text_input" }), ["modal"]],
    "file_input element": [input({ type: "file_input" }), ["modal"]],
    "rich_text_input element": [input({ type: "rich_text_input" }), ["modal", "home"]],
    "datetimepicker element": [actions({ type: "datetimepicker" }), ["message", "modal"]],
    "workflow_button element": [
      actions({
        type: "workflow_button",
        text: plain("x"),
        workflow: { trigger: { url: "https://a.test" } },
      }),
      ["message"],
    ],
  };

  test.each(Object.entries(samples))("%s", (_name, [block, surfaces]) => {
    const all: Surface[] = ["message", "modal", "home"];
    expect(all.filter((surface) => codes(block, surface).length === 0)).toEqual(surfaces);
  });
});

describe("date tokens in mrkdwn", () => {
  const refused = (text: string) => codes(section({ text: mrkdwn(text) }));

  test.each([
    "<!date^1392734382^{date} at {time}|February 18th, 2014 PST>",
    "<!date^1392734382^{date_short_pretty}^https://arga.test/r|link>",
    "ends <!date^1^{ago}|soon>, or <!date^2^{time_secs}|later>",
    "a &lt;!date^ that somebody typed",
  ])("%s is fine", (text) => expect(refused(text)).toEqual([]));

  test.each([
    "<!date^1392734382^{date}>",
    "<!date^1392734382^{date}|>",
    "<!date^soon^{date}|x>",
    "<!date^1^date|x>",
    "<!date^1^{day_divider_pretty}|x>",
    "<!date^1^{date}^javascript:x|x>",
    "<!date^1^{date}|x",
  ])("%s is not", (text) => expect(refused(text)).toEqual(["invalid_date /text/text"]));

  test("they are no tokens in plain text", () => {
    expect(codes(section({ text: plain("<!date^1^{date}>") }))).toEqual([]);
  });
});

describe("any JSON at all", () => {
  const surface = fc.constantFrom<Surface>("message", "modal", "home");

  test("gets an answer, not a crash", () => {
    fc.assert(
      fc.property(fc.jsonValue(), surface, (value, where) => {
        expect(Array.isArray(validateBlocks(value, where))).toBe(true);
      }),
    );
  });

  test("in a known block, is refused with a pointer into the payload", () => {
    const field = fc.constantFrom("text", "fields", "accessory", "block_id", "expand", "other~/field");
    fc.assert(
      fc.property(field, fc.jsonValue(), (name, value) => {
        const blocks = [{ type: "section", text: plain("x"), [name]: value }];
        for (const { pointer } of validateBlocks(blocks, "message"))
          expect(resolve({ blocks }, pointer)).toBeDefined();
      }),
    );
  });

  function resolve(value: unknown, pointer: string): unknown {
    const keys = pointer
      .split("/")
      .slice(1)
      .map((key) => key.replaceAll("~1", "/").replaceAll("~0", "~"));
    return keys.reduce((found: unknown, key) => (found === undefined ? found : Object(found)[key]), value);
  }
});
