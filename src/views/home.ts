import { createHash } from "node:crypto";
import type { HomeView, KnownBlock } from "@slack/types";
import { allKinds } from "../kinds/index.ts";
import type { Run } from "../runs/run.ts";
import type { ActionId } from "../slack/ids.ts";
import { kindFilter } from "../store/app-home-record.ts";
import { button } from "./buttons.ts";
import { option } from "./form-inputs.ts";
import { presetButtons } from "./forms.ts";
import { planWords, subscriptionBlocks, testsBlocks } from "./home-lists.ts";
import { mineBlocks, othersBlocks, recentBlocks } from "./home-runs.ts";
import type { HomeData } from "./home-scene.ts";
import { note, plural, safe, section, time } from "./text.ts";

const DIVIDER: KnownBlock = { type: "divider" };

/** A person's App Home: a pure function of what is known. Its lists have pages, so that it never grows too large. */
export function homeView(scene: HomeData): HomeView {
  return {
    type: "home",
    blocks: [
      ...topBlocks(scene),
      filterMenu(scene),
      ...mineBlocks(scene),
      DIVIDER,
      ...withDivider(othersBlocks(scene)),
      ...recentBlocks(scene),
      DIVIDER,
      ...testsBlocks(scene),
      DIVIDER,
      ...subscriptionBlocks(scene),
      DIVIDER,
      note(planWords(scene)),
      note(connectionWords(scene)),
    ],
  };
}

const withDivider = (blocks: KnownBlock[]): KnownBlock[] => (blocks.length > 0 ? [...blocks, DIVIDER] : []);

/** Which runs the lists below it show; what it chooses stands in it. */
function filterMenu({ filter }: HomeData): KnownBlock {
  const options = [
    option("all", "Everybody's runs"),
    option("mine", "Only mine"),
    ...allKinds.map(({ kind, noun }) => option(kindFilter(kind), `Only ${plural(noun)}`)),
  ];
  const chosen = options.find(({ value }) => value === filter) ?? options[0];
  return {
    type: "actions",
    block_id: "home:filter",
    elements: [
      {
        type: "static_select",
        action_id: "home.filter" satisfies ActionId,
        options,
        ...(chosen ? { initial_option: chosen } : {}),
      },
    ],
  };
}

/** What a Home looks like, in short, whenever it was looked up. */
export function homeHash(scene: HomeData): string {
  return createHash("sha256")
    .update(JSON.stringify(homeView(scene)))
    .digest("base64url")
    .slice(0, 16);
}

/** Blocks of ours that answered a press; a Home takes no more of them. */
const SAID_LIMIT = 4;

function topBlocks({ said, connections, presets }: HomeData): KnownBlock[] {
  const trouble = connections.arga?.trouble;
  return [
    {
      type: "actions",
      block_id: "home:start",
      elements: [
        { ...button("home.twins", "Start twins"), style: "primary" },
        button("home.test", "Run a test"),
        button("home.validate", "Validate"),
        button("home.sandbox", "Sandbox"),
        button("home.settings", "Settings"),
      ],
    },
    ...presetButtons("home.preset", presets),
    ...(trouble
      ? [section(`:warning: Trouble with Arga since ${time(trouble.since)}: ${safe(trouble.why, 200)}`)]
      : []),
    ...said.filter(isWords).slice(0, SAID_LIMIT),
  ];
}

const isWords = (block: KnownBlock): boolean => block.type === "section" || block.type === "context";

/** Redis is near: an answer that takes this long is worth a word, in ms. */
const SLOW_MS = 250;

function connectionWords(scene: HomeData): string {
  const { arga, redisMs } = scene.connections;
  const words = [
    `*Slack*  connected${waiting(scene)}`,
    `*Arga*  ${argaWords(arga)}`,
    `*Redis*  ${redisMs > SLOW_MS ? "slow" : "connected"}`,
  ];
  return words.join(" · ");
}

function argaWords(arga: HomeData["connections"]["arga"]): string {
  if (!arga) return "checking…";
  // No time: one that was right when it was drawn looks wrong a moment later. Trouble draws it anew.
  return arga.trouble ? "not working, see above" : "connected";
}

/** This view could be published; a run whose card could not be is the exception. */
function waiting({ mine, others }: HomeData): string {
  const stuck = [...mine, ...others].filter((run: Run) => run.trouble?.with === "slack").length;
  if (stuck === 0) return "";
  return `, but I can't update ${stuck === 1 ? "one run's card" : `the cards of ${stuck} runs`}`;
}

/** What a Home shows while nothing can be looked up. */
export const homeDown = (): HomeView => ({
  type: "home",
  blocks: [
    section(":warning: I can't show anything right now: Redis isn't answering."),
    note("Your runs keep going at Arga. Open this tab again in a moment."),
  ],
});
