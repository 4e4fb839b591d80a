import { execFileSync } from "node:child_process";
import { parseEnv } from "node:util";
import type { RichTextBlock } from "@slack/types";
import { describe, expect, test } from "vitest";
import { validateView } from "../../../sim/slack/blocks/validate.ts";
import type { SecretGroup } from "../../../src/kinds/kind.ts";
import { type CredentialChoice, type CredentialFormat, credentials } from "../../../src/views/credentials.ts";

const PLACE = { run: "k7m2qx", channel: "C0GENERAL" };

const STRIPE: SecretGroup = {
  title: "Stripe",
  facts: [{ name: "URL", value: "https://stripe.example.com" }],
  variables: [
    { name: "STRIPE_KEY", value: "sk_test_1" },
    { name: "STRIPE_NOTE", value: 'it\'s a $HOME `id` # "test"' },
    { name: "STRIPE_EMPTY", value: "" },
  ],
};
const SLACK: SecretGroup = {
  title: "Slack",
  facts: [{ name: "URL", value: "https://slack.example.com" }],
  variables: [{ name: "SLACK_TOKEN", value: "xoxb 2 # three" }],
};

/** The blocks that are there to be copied: variables first. */
function copied(groups: SecretGroup[], choice?: CredentialChoice): string[] {
  const view = credentials(PLACE, groups, choice);
  expect(validateView(view)).toEqual([]);
  return view.blocks.flatMap((block) => {
    if (block.type !== "rich_text" || !("elements" in block)) return [];
    const [piece] = (block as RichTextBlock).elements[0]?.elements ?? [];
    return piece?.type === "text" ? [piece.text] : [];
  });
}

const as = (format: CredentialFormat, groups = [STRIPE, SLACK]): string =>
  copied(groups, { format })[0] ?? "";

const VALUES = { STRIPE_KEY: "sk_test_1", STRIPE_EMPTY: "", SLACK_TOKEN: "xoxb 2 # three" };

describe("credentials are copied whole", () => {
  test("as a .env file that reads as what Arga said", () => {
    const read = parseEnv(as("env"));
    expect(read).toMatchObject(VALUES);
    expect(as("env")).toContain("STRIPE_KEY=sk_test_1\n");
  });

  test("as shell that expands nothing", () => {
    const script = `${as("export")}\nnode -p 'JSON.stringify(process.env)'`;
    const seen = JSON.parse(execFileSync("sh", ["-c", script], { encoding: "utf8" })) as Record<
      string,
      string
    >;
    for (const { name, value } of [...STRIPE.variables, ...SLACK.variables]) expect(seen[name]).toBe(value);
  });

  test("as JSON, by twin", () => {
    expect(JSON.parse(as("json"))).toEqual({
      Stripe: Object.fromEntries(STRIPE.variables.map(({ name, value }) => [name, value])),
      Slack: { SLACK_TOKEN: "xoxb 2 # three" },
    });
  });

  test("a name that would run something when it's pasted is only a comment", () => {
    const odd = { title: "a\nrm -rf /", facts: [], variables: [{ name: "X;id", value: "1\nid" }] };
    for (const format of ["env", "export"] as const)
      for (const line of as(format, [odd, SLACK]).split("\n").slice(0, -1)) expect(line).toMatch(/^#/);
  });
});

describe("of the twins that were picked", () => {
  test("and of no others", () => {
    const all = JSON.stringify(credentials(PLACE, [STRIPE, SLACK], { format: "env", picked: ["Slack"] }));
    expect(all).toContain("SLACK_TOKEN");
    expect(all).not.toContain("STRIPE_KEY");
    expect(all).not.toContain("stripe.example.com");
  });

  test("there is a choice only if there is more than one", () => {
    expect(JSON.stringify(credentials(PLACE, [STRIPE, SLACK]))).toContain("multi_static_select");
    expect(JSON.stringify(credentials(PLACE, [STRIPE]))).not.toContain("multi_static_select");
  });

  test("with none picked, the menus stay and say so", () => {
    const view = credentials(PLACE, [STRIPE, SLACK], { format: "env", picked: [] });
    expect(validateView(view)).toEqual([]);
    expect(JSON.stringify(view)).toContain("Choose at least one");
    expect(JSON.stringify(view)).not.toContain("sk_test_1");
  });
});

test("no secret stands in metadata, options or ids", () => {
  const view = credentials(PLACE, [STRIPE, SLACK]);
  const { blocks, private_metadata } = view;
  const menus = blocks.filter(({ type }) => type !== "rich_text");
  for (const secret of ["sk_test_1", "xoxb", "stripe.example.com"])
    expect(JSON.stringify([menus, private_metadata])).not.toContain(secret);
});
