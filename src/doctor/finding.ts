/** What was looked at. */
type Part = "process" | "settings" | "redis" | "slack" | "arga";

/** One line of the doctor: `bad` must be mended before the bot works, `warn` should be. */
export interface Finding {
  part: Part;
  level: "ok" | "warn" | "bad";
  /** One sentence, without anything secret. */
  says: string;
  /** What to do about it. */
  advice?: string;
}

const finding =
  (level: Finding["level"]) =>
  (part: Part, says: string, advice?: string): Finding => ({
    part,
    level,
    says,
    ...(advice ? { advice } : {}),
  });

export const ok = finding("ok");
export const warn = finding("warn");
export const bad = finding("bad");
