import { describe, expect, test } from "vitest";
import { validateBlocks, validateMessage, validateView } from "../../sim/slack/blocks/validate.ts";

type Json = Record<string, unknown>;

const plain = (text: string): Json => ({ type: "plain_text", text });
const divider = (block_id?: string): Json => ({ type: "divider", ...(block_id && { block_id }) });
const button = (action_id: string): Json => ({ type: "button", text: plain("Press"), action_id });
const actions = (...elements: Json[]): Json => ({ type: "actions", elements });
const input = (more: Json = {}): Json => ({
  type: "input",
  label: plain("x"),
  element: { type: "plain_text_input", ...more },
});
const modal = (more: Json = {}): Json => ({
  type: "modal",
  title: plain("Title"),
  blocks: [divider()],
  ...more,
});

describe("ids", () => {
  test("a block_id is there once in a payload, also inside of containers", () => {
    const container = { type: "container", title: plain("x"), child_blocks: [divider("a")] };
    expect(validateBlocks([divider("a"), divider("b")], "message")).toEqual([]);
    expect(validateBlocks([divider("a"), container], "message")).toEqual([
      {
        code: "duplicate_block_id",
        message: "block_id already exists: a",
        pointer: "/blocks/1/child_blocks/0/block_id",
      },
    ]);
  });

  test("an action_id is there once in a block, and may come again in another", () => {
    expect(validateBlocks([actions(button("a")), actions(button("a"))], "message")).toEqual([]);
    expect(validateBlocks([actions(button("a"), button("b"), button("a"))], "message")).toMatchObject([
      { code: "duplicate_action_id", pointer: "/blocks/0/elements/2/action_id" },
    ]);
    const card = { type: "card", actions: [button("a"), button("a")] };
    expect(validateBlocks([{ type: "carousel", elements: [card] }], "message")).toMatchObject([
      { code: "duplicate_action_id", pointer: "/blocks/0/elements/0/actions/1/action_id" },
    ]);
  });

  test("only one element has the focus", () => {
    const focused = input({ focus_on_load: true });
    expect(validateView(modal({ submit: plain("Go"), blocks: [focused, input()] }))).toEqual([]);
    expect(validateView(modal({ submit: plain("Go"), blocks: [focused, focused] }))).toMatchObject([
      { code: "too_many", pointer: "/view/blocks/1/element/focus_on_load" },
    ]);
  });
});

describe("messages", () => {
  test("need a text or blocks", () => {
    expect(validateMessage({ text: "x" })).toEqual([]);
    expect(validateMessage({ blocks: [divider()] })).toEqual([]);
    expect(validateMessage({})).toMatchObject([{ code: "no_text" }]);
    expect(validateMessage({ text: "", blocks: [] })).toMatchObject([{ code: "no_text" }]);
  });

  test("have their text looked at for date tokens too", () => {
    expect(validateMessage({ text: "<!date^1^{date}>" })).toMatchObject([
      { code: "invalid_date", pointer: "/text" },
    ]);
  });

  test.each<[string, unknown]>([
    ["scalars", { a: "x", b: 1, c: true }],
    ["one level of objects", { a: { b: "x", c: 1 } }],
    ["lists of flat objects", { a: [{ b: "x" }, {}] }],
    ["nothing", {}],
  ])("may carry %s in their metadata", (_name, event_payload) => {
    expect(validateMessage({ text: "x", metadata: { event_type: "run", event_payload } })).toEqual([]);
  });

  test.each<[string, unknown, string]>([
    ["no event type", { event_payload: {} }, "missing_field"],
    ["an event type that is no string", { event_type: 1, event_payload: {} }, "wrong_type"],
    ["no payload", { event_type: "run" }, "missing_field"],
    ["another field", { event_type: "run", event_payload: {}, more: 1 }, "unknown_field"],
    ["a payload that is a list", { event_type: "run", event_payload: [] }, "invalid_metadata_schema"],
    ["null", { event_type: "run", event_payload: { a: null } }, "invalid_metadata_schema"],
    ["a list of scalars", { event_type: "run", event_payload: { a: ["x"] } }, "invalid_metadata_schema"],
    ["two levels", { event_type: "run", event_payload: { a: { b: { c: 1 } } } }, "invalid_metadata_schema"],
    [
      "a list in an object",
      { event_type: "run", event_payload: { a: { b: [] } } },
      "invalid_metadata_schema",
    ],
    [
      "a Work Object without a reference",
      { entities: [{ entity_type: "slack#/entities/task" }] },
      "missing_field",
    ],
  ])("are refused with metadata of %s", (_name, metadata, code) => {
    const [first] = validateMessage({ text: "x", metadata });
    expect(first?.code).toBe(code);
    expect(first?.pointer).toMatch(/^\/metadata/);
  });

  test("may carry Work Objects", () => {
    const entity = {
      entity_type: "slack#/entities/incident",
      entity_payload: { attributes: { title: { text: "x" } } },
      external_ref: { id: "1" },
      url: "https://arga.test/1",
    };
    expect(validateMessage({ text: "x", metadata: { entities: [entity] } })).toEqual([]);
  });
});

describe("views", () => {
  test.each<[string, Json]>([
    [
      "a modal",
      modal({ close: plain("Back"), clear_on_close: true, notify_on_close: true, private_metadata: "" }),
    ],
    ["a modal that asks", modal({ submit: plain("Go"), blocks: [input()] })],
    ["a Home tab", { type: "home", blocks: [divider()], callback_id: "home" }],
    ["an empty Home tab", { type: "home", blocks: [] }],
  ])("%s is fine", (_name, view) => expect(validateView(view)).toEqual([]));

  test.each<[string, unknown, Json[]]>([
    ["no object", [], [{ code: "wrong_type", pointer: "/view" }]],
    [
      "an unknown type",
      { type: "workflow_step", blocks: [divider()] },
      [{ code: "unknown_type", pointer: "/view/type" }],
    ],
    ["no title", { type: "modal", blocks: [divider()] }, [{ code: "missing_field", pointer: "/view" }]],
    [
      "a title in mrkdwn",
      modal({ title: { type: "mrkdwn", text: "x" } }),
      [{ code: "invalid_value", pointer: "/view/title/type" }],
    ],
    ["an empty title", modal({ title: plain("") }), [{ code: "too_short", pointer: "/view/title/text" }]],
    ["no blocks", { type: "home" }, [{ code: "missing_field", pointer: "/view" }]],
    ["an empty modal", modal({ blocks: [] }), [{ code: "too_few", pointer: "/view/blocks" }]],
    ["blocks that are no list", modal({ blocks: {} }), [{ code: "wrong_type", pointer: "/view/blocks" }]],
    ["an input without submit", modal({ blocks: [input()] }), [{ code: "missing_field", pointer: "/view" }]],
    [
      "a title on a Home tab",
      { type: "home", title: plain("x"), blocks: [] },
      [{ code: "unknown_field", pointer: "/view" }],
    ],
    ["a field for responses only", modal({ id: "V1" }), [{ code: "unknown_field", pointer: "/view" }]],
    [
      "a block of messages",
      modal({ blocks: [{ type: "markdown", text: "x" }] }),
      [{ code: "not_allowed_here", pointer: "/view/blocks/0/type" }],
    ],
  ])("%s is refused", (_name, view, expected) => {
    expect(validateView(view)).toMatchObject(expected);
  });
});

test("a problem is told in Slack's words, with the place", () => {
  expect(validateMessage({ blocks: [{ type: "section", text: plain("x".repeat(3001)) }] })).toEqual([
    { code: "too_long", message: "must be less than 3001 characters", pointer: "/blocks/0/text/text" },
  ]);
});

test("blocks that are no list are a problem of their own", () => {
  expect(validateMessage({ blocks: "[]" })).toMatchObject([
    { code: "invalid_blocks_format", pointer: "/blocks" },
  ]);
});
