import { mkdirSync, statSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Browser, Locator, Page } from "playwright-core";
import { findBrowser, openBrowser } from "./browser.ts";
import { CannotStart } from "./parts.ts";
import { Stage } from "./stage.ts";
import { benchOf } from "./switches.ts";

/** What a README can carry. */
const MOST_BYTES = 150_000;
const SIZE = { width: 1280, height: 640 };
const SCHEMES = ["light", "dark"] as const;

/** Quick, with times that look like an hour: the reminder comes as soon as a twin is ready. */
const QUICK = {
  arga: { provisionSeconds: 2, runSeconds: 12 },
  bot: { REMIND_BEFORE_MINUTES: "59.93" },
};

/** What the page has and Slack has not. */
const NOT_SLACK = ".headline .button { display: none }";

/** @throws {@link CannotStart} without a browser; Error for a picture that is too large */
export async function takePictures(folder: URL): Promise<void> {
  const executable = findBrowser();
  if (!executable)
    throw new CannotStart("There is no Chromium on PATH. script/bootstrap --browser installs one.");
  const bench = { switches: [], notes: [] };
  const stage = new Stage({ ...QUICK, bench });
  let browser: Browser | undefined;
  try {
    await stage.start(() => {});
    benchOf(stage, bench);
    browser = await openBrowser(executable);
    const page = await browser.newPage({ viewport: SIZE, deviceScaleFactor: 1.25 });
    await page.goto(`${stage.parts.slack.url}/?user=alice`);
    mkdirSync(folder, { recursive: true });
    await tour(page, (name, what) => take(page, { folder, name, what: what ?? page }));
  } finally {
    await browser?.close();
    await stage.stop();
  }
}

type Take = (name: string, what?: Locator) => Promise<void>;

async function tour(page: Page, picture: Take): Promise<void> {
  const card = (words: string) => page.locator("#messages .message", { hasText: words }).last();
  const say = async (line: string) => {
    await page.getByLabel("Message, or / for a command").fill(line);
    await page.keyboard.press("Enter");
  };
  await page.addStyleTag({ content: NOT_SLACK });

  await say("/arga twins stripe 60");
  await card("Stripe twin — ready").waitFor();
  await card("Stripe twin").locator(".replies").click();
  await page
    .locator("#replies", { hasText: /Extend/ })
    .locator("select, button")
    .first()
    .waitFor();
  await page.locator("#replies .message").nth(2).waitFor();
  await picture("ready");
  await page.getByLabel("Close the thread").click();

  await page.getByRole("button", { name: "# ops" }).click();
  await say('/arga test https://shop.example.com "a guest with a broken coupon can check out"');
  await card("running, step 2").waitFor();
  await picture("running", card("running, step"));
  await card("— failed").waitFor();
  await picture("failed", card("— failed"));

  await page.getByLabel("Shortcuts").click();
  await page.getByRole("button", { name: "Start twins" }).click();
  await page.getByLabel("Twins", { exact: true }).pressSequentially("stripe");
  await page.getByRole("option", { name: "Stripe" }).waitFor();
  await page.keyboard.press("Enter");
  await page.getByLabel("Twins", { exact: true }).pressSequentially("git");
  await page.getByRole("option", { name: "GitHub" }).waitFor();
  await picture("form");
  await page.keyboard.press("Enter");
  await page.getByRole("button", { name: "Cancel" }).click();
  await page.locator("#modal form").waitFor({ state: "detached" });

  await page.getByRole("button", { name: "arga Home" }).click();
  await page.locator(".home").filter({ hasNotText: "Asking Arga" }).waitFor();
  await picture("home");

  await page.getByRole("button", { name: "# dev" }).click();
  // What hides it came last.
  await page.evaluate("document.head.lastElementChild.remove()");
  await page.getByRole("button", { name: "Bench", exact: true }).click();
  await page
    .getByRole("group", { name: "Arga", exact: true })
    .getByRole("button", { name: "is slow" })
    .click();
  await say("/arga twins github 90");
  await card("GitHub twin").waitFor();
  await page.locator("#traffic li", { hasText: "POST" }).first().waitFor();
  await picture("bench", page.locator("#bench"));
}

interface Shot {
  readonly folder: URL;
  readonly name: string;
  readonly what: Page | Locator;
}

async function take(page: Page, { folder, name, what }: Shot): Promise<void> {
  for (const colorScheme of SCHEMES) {
    await page.emulateMedia({ colorScheme });
    await page.mouse.move(0, 0);
    const path = fileURLToPath(new URL(`${name}-${colorScheme}.png`, folder));
    await what.screenshot({ path, animations: "disabled", caret: "hide" });
    const { size } = statSync(path);
    if (size > MOST_BYTES) throw new Error(`${path} has ${size} bytes: more than ${MOST_BYTES}`);
  }
}
