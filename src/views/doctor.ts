import type { Finding } from "../doctor/finding.ts";
import type { Content } from "./card.ts";
import { cutMarkup, note, safe, section } from "./text.ts";

const SIGNS: Record<Finding["level"], string> = { ok: ":white_check_mark:", warn: ":warning:", bad: ":x:" };
const TITLES: Record<Finding["part"], string> = {
  process: "This process",
  settings: "Settings",
  redis: "Redis",
  slack: "Slack",
  arga: "Arga",
};
const PART_MOST = 2_900;

/** What the doctor found, a section for each part. */
export function doctorReport(findings: readonly Finding[], version: string): Content {
  const count = (level: Finding["level"]): number => findings.filter((each) => each.level === level).length;
  const [broken, odd] = [count("bad"), count("warn")];
  const summary =
    broken + odd === 0 ? "Everything is as it should be." : `To mend: ${broken}. To look at: ${odd}.`;
  const parts = Object.entries(TITLES).flatMap(([part, title]) => {
    const lines = findings.filter((each) => each.part === part).map(line);
    return lines.length > 0 ? [section(cutMarkup(`*${title}*\n${lines.join("\n")}`, PART_MOST))] : [];
  });
  return {
    text: summary,
    blocks: [section(`*${summary}*`), ...parts, note(`arga-slack ${safe(version, 40)}`)],
  };
}

const line = ({ level, says, advice }: Finding): string =>
  `${SIGNS[level]} ${safe(says, 600)}${advice ? `. _${safe(advice, 300)}_` : ""}`;
