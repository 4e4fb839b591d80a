import { type Surface, validateBlocks } from "../../sim/slack/blocks/validate.ts";

/** Parts of blocks that the tests of the validator share. */
export type Json = Record<string, unknown>;

export const plain = (text: string): Json => ({ type: "plain_text", text });
export const mrkdwn = (text: string): Json => ({ type: "mrkdwn", text });
export const divider = { type: "divider" };
export const button = { type: "button", text: plain("Press"), action_id: "press" };
export const options = [
  { text: plain("One"), value: "1" },
  { text: plain("Two"), value: "2" },
];
export const image = { type: "image", alt_text: "alt", image_url: "https://arga.test/a.png" };
export const confirm = {
  title: plain("Sure?"),
  text: mrkdwn("It *ends*."),
  confirm: plain("End"),
  deny: plain("Keep"),
};
export const actions = (...elements: Json[]): Json => ({ type: "actions", elements });
export const section = (more: Json): Json => ({ type: "section", ...more });
export const accessory = (element: Json): Json => section({ text: plain("x"), accessory: element });
export const input = (element: Json, more: Json = {}): Json => ({
  type: "input",
  label: plain("Label"),
  element,
  ...more,
});
export const rich = (...elements: Json[]): Json => ({ type: "rich_text", elements });
export const line = (...elements: Json[]): Json => ({ type: "rich_text_section", elements });
export const richLine = (leaf: Json): Json => rich(line(leaf));
export const cell = { type: "raw_text", text: "x" };
export const axes = { categories: ["a", "b"], x_label: "Day", y_label: "Runs" };
export const series = (name: string, ...labels: string[]): Json => ({
  name,
  data: labels.map((label) => ({ label, value: -1 })),
});
export const chart = (more: Json): Json => ({ type: "data_visualization", title: "Runs", chart: more });
export const task = { task_id: "1", title: "Look", status: "pending" };

/** What is refused in a block: the code, and where in the block. */
export function codes(block: unknown, surface: Surface = "message"): string[] {
  return validateBlocks([block], surface).map(
    ({ code, pointer }) => `${code} ${pointer.replace("/blocks/0", "")}`,
  );
}
