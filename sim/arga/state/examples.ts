import { recordedConfig } from "./test-config.ts";
import type { World } from "./world.ts";

/** A few saved tests and scenarios, so that there is something to list. Arga's own presets are not known. */
export function addExamples({ savedTests, scenarios }: World): void {
  const shop = "https://staging.example.com";
  const checkout = "Add a shirt to the basket, pay with a test card, check that the order is confirmed";
  savedTests.create({
    name: "Checkout",
    description: "From the basket to the receipt",
    repoFullName: "myorg/myrepo",
    ciEnabled: true,
    startUrl: shop,
    prompt: checkout,
    tags: ["checkout", "smoke"],
    testConfig: recordedConfig(checkout, shop),
  });
  savedTests.create({
    name: "Sign-up",
    repoFullName: "myorg/myrepo",
    startUrl: `${shop}/signup`,
    prompt: "Sign up with a new address, check that a welcome message comes",
    tags: ["smoke"],
  });
  savedTests.create({
    name: "Refund that fails",
    repoFullName: "octo/shop",
    startUrl: `${shop}/orders`,
    prompt: "Refund the newest order, expect that it fails",
  });
  addScenarios(scenarios);
}

function addScenarios(scenarios: World["scenarios"]): void {
  scenarios.addPreset("preset-saas-billing", {
    name: "SaaS billing",
    description: "Three customers on two plans, one of them late with a payment",
    twins: ["stripe", "slack"],
    tags: ["billing"],
    seedConfig: { stripe: { customers: [{ email: "ada@example.com", plan: "pro" }] }, slack: {} },
  });
  scenarios.addPreset("preset-support-desk", {
    name: "Support desk",
    description: "An inbox with open questions, and a channel where they are talked about",
    twins: ["gmail", "slack"],
    tags: ["support"],
    seedConfig: { gmail: { messages: [] }, slack: { channels: [{ name: "support" }] } },
  });
  scenarios.create({
    name: "Refund week",
    description: "Many refunds at once",
    prompt: "Twenty orders, of which half are refunded",
    twins: ["stripe"],
    tags: ["billing", "refunds"],
  });
}
