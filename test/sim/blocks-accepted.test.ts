import { describe, expect, test } from "vitest";
import type { Surface } from "../../sim/slack/blocks/validate.ts";
import {
  accessory,
  actions,
  axes,
  button,
  cell,
  chart,
  codes,
  confirm,
  divider,
  image,
  input,
  type Json,
  line,
  mrkdwn,
  options,
  plain,
  rich,
  richLine,
  section,
  series,
  task,
} from "./blocks-samples.ts";

describe("what Slack takes", () => {
  test.each<[string, Json, Surface?]>([
    [
      "section with everything",
      section({ text: mrkdwn("x"), fields: [plain("a")], accessory: button, expand: true, block_id: "s" }),
    ],
    ["fields without a text", section({ fields: [mrkdwn("*a*"), plain("b")] })],
    [
      "plain text with emoji, mrkdwn verbatim",
      section({ text: { ...mrkdwn("x"), verbatim: true }, fields: [{ ...plain("x"), emoji: true }] }),
    ],
    [
      "buttons",
      actions(
        { ...button, style: "danger", confirm, value: "v" },
        { ...button, action_id: "b", url: "https://arga.test" },
      ),
    ],
    [
      "static select",
      actions({
        type: "static_select",
        options,
        initial_option: options[1],
        placeholder: plain("Pick"),
        confirm,
      }),
    ],
    [
      "grouped select",
      actions({
        type: "static_select",
        option_groups: [{ label: plain("g"), options }],
        initial_option: options[0],
      }),
    ],
    [
      "multi select",
      accessory({ type: "multi_static_select", options, initial_options: options, max_selected_items: 2 }),
    ],
    [
      "external select",
      actions({ type: "external_select", min_query_length: 0, initial_option: options[0] }),
    ],
    [
      "users select",
      actions(
        { type: "users_select", initial_user: "U1" },
        { type: "multi_users_select", initial_users: ["W1"] },
      ),
    ],
    [
      "conversations select",
      actions({
        type: "conversations_select",
        initial_conversation: "D1",
        filter: { include: ["im", "public"] },
      }),
    ],
    [
      "multi conversations",
      actions({ type: "multi_conversations_select", filter: { exclude_bot_users: true } }),
    ],
    [
      "channels select",
      actions({ type: "channels_select" }, { type: "multi_channels_select", initial_channels: ["C1"] }),
    ],
    [
      "overflow with a link",
      accessory({ type: "overflow", options: [{ ...options[0], url: "https://arga.test" }] }),
    ],
    [
      "checkboxes in mrkdwn",
      actions({
        type: "checkboxes",
        options: [{ text: mrkdwn("*a*"), value: "1", description: mrkdwn("b") }],
      }),
    ],
    ["radio buttons", actions({ type: "radio_buttons", options, initial_option: options[0] })],
    [
      "pickers",
      actions(
        { type: "datepicker", initial_date: "2026-11-22" },
        { type: "timepicker", initial_time: "23:59", timezone: "UTC" },
      ),
    ],
    ["date and time", actions({ type: "datetimepicker", initial_date_time: 1_795_000_000 })],
    [
      "workflow button",
      actions({
        type: "workflow_button",
        text: plain("Go"),
        workflow: { trigger: { url: "https://slack.test/t" } },
      }),
    ],
    ["context", { type: "context", elements: [mrkdwn("x"), plain("y"), image] }],
    [
      "context actions",
      {
        type: "context_actions",
        elements: [
          {
            type: "feedback_buttons",
            positive_button: { text: plain("+"), value: "1" },
            negative_button: { text: plain("-"), value: "0" },
          },
          { type: "icon_button", icon: "trash", text: plain("Remove"), visible_to_user_ids: ["U1"] },
        ],
      },
    ],
    ["image by file", { type: "image", alt_text: "x", slack_file: { id: "F1" }, title: plain("t") }],
    [
      "input in a message",
      input(
        { type: "plain_text_input", multiline: true, min_length: 1, max_length: 1 },
        { hint: plain("h"), optional: true, dispatch_action: true },
      ),
    ],
    [
      "input that dispatches",
      input({
        type: "plain_text_input",
        dispatch_action_config: { trigger_actions_on: ["on_enter_pressed"] },
      }),
    ],
    ["e-mail", input({ type: "email_text_input", focus_on_load: true }), "modal"],
    ["url", input({ type: "url_text_input", initial_value: "" }), "modal"],
    [
      "number",
      input({
        type: "number_input",
        is_decimal_allowed: true,
        min_value: "-1.5",
        max_value: "2",
        initial_value: "0",
      }),
      "modal",
    ],
    ["file input", input({ type: "file_input", filetypes: ["png"], max_files: 1 }), "modal"],
    [
      "rich text input",
      input({ type: "rich_text_input", initial_value: richLine({ type: "text", text: "x" }) }),
      "home",
    ],
    ["response url of a modal", input({ type: "conversations_select", response_url_enabled: true }), "modal"],
    ["alert", { type: "alert", text: mrkdwn("x"), level: "warning" }, "modal"],
    ["card", { type: "card", icon: image, title: mrkdwn("x"), actions: [button] }, "home"],
    ["carousel", { type: "carousel", elements: [{ type: "card", body: plain("x") }] }],
    [
      "container",
      {
        type: "container",
        rich_text_title: richLine({ type: "text", text: "x" }),
        child_blocks: [divider],
        is_collapsible: true,
        default_collapsed: true,
      },
    ],
    ["markdown", { type: "markdown", text: "# Title" }],
    [
      "task card",
      {
        type: "task_card",
        ...task,
        details: richLine({ type: "text", text: "x" }),
        sources: [{ type: "url", url: "https://arga.test", text: "t" }],
      },
    ],
    ["plan", { type: "plan", title: "Plan", tasks: [task, { task_id: "2", title: "No status yet" }] }],
    [
      "table",
      {
        type: "table",
        rows: [[cell, { type: "raw_number", value: 1 }], [richLine({ type: "text", text: "x" })]],
        column_settings: [null, { align: "right", is_wrapped: true }],
      },
    ],
    [
      "data table",
      { type: "data_table", caption: "c", rows: [[cell], [richLine({ type: "text", text: "x" })]] },
    ],
    [
      "line chart",
      chart({ type: "line", series: [series("s", "b", "a"), series("t", "a", "b")], axis_config: axes }),
    ],
    ["pie chart", chart({ type: "pie", segments: [{ label: "a", value: 0.1 }] })],
    ["empty rich text", rich()],
    [
      "rich list",
      rich({ type: "rich_text_list", style: "ordered", indent: 0, offset: 2, border: 1, elements: [line()] }),
    ],
    [
      "rich code",
      rich({
        type: "rich_text_preformatted",
        elements: [
          { type: "text", text: "x" },
          { type: "link", url: "https://a.test" },
        ],
      }),
    ],
    [
      "rich quote",
      rich({
        type: "rich_text_quote",
        elements: [{ type: "text", text: "x", style: { bold: true, code: false } }],
      }),
    ],
  ])("%s", (_name, block, surface) => {
    expect(codes(block, surface)).toEqual([]);
  });

  test.each<Json>([
    { type: "link", url: "mailto:a@arga.test", text: "x", unsafe: true, style: { strike: true } },
    { type: "emoji", name: "wave", skin_tone: 2, unicode: "1f44b" },
    { type: "user", user_id: "U012AB", style: { bold: true, highlight: true } },
    { type: "usergroup", usergroup_id: "S1" },
    { type: "channel", channel_id: "C1" },
    { type: "team", team_id: "T1" },
    { type: "broadcast", range: "here" },
    { type: "color", value: "#F405B3" },
    {
      type: "date",
      timestamp: 1_720_710_212,
      format: "{date_slash} at {time}",
      fallback: "then",
      url: "https://arga.test",
    },
  ])("rich text leaf $type", (leaf) => {
    expect(codes(richLine(leaf))).toEqual([]);
  });
});
