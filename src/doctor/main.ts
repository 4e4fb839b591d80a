import { examineAll } from "./examine.ts";
import type { Finding } from "./finding.ts";

const SIGNS: Record<Finding["level"], string> = { ok: "ok  ", warn: "warn", bad: "BAD " };

/** `npm run doctor`: writes what it found, a line each; with `--json`, one object. Returns the exit code. */
export async function doctor(args: readonly string[]): Promise<number> {
  const findings = await examineAll(process.env);
  const isWell = findings.every(({ level }) => level !== "bad");
  const text = args.includes("--json")
    ? JSON.stringify({ ok: isWell, findings }, null, 2)
    : findings.map(line).join("\n");
  await new Promise<void>((resolve) => process.stdout.write(`${text}\n`, () => resolve()));
  return isWell ? 0 : 1;
}

function line({ part, level, says, advice }: Finding): string {
  const words = `${says}${advice ? `. ${advice}` : ""}`.replaceAll(/\s+/g, " ");
  return `${SIGNS[level]} ${part.padEnd(8)} ${words}`;
}
