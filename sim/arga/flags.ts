import { parseArgs } from "node:util";
import { defaultDialect, dialectPoints } from "./dialect.ts";
import type { ArgaOptions, Plan } from "./options.ts";

/** The words after the program's name make no sense. The message says what would. */
export class UsageError extends Error {}

interface NumberFlag {
  option: keyof ArgaOptions & ("port" | "speed" | "monthlyRuns" | "provisions" | `${string}Seconds`);
  lowest: number;
  highest: number;
  whole?: boolean;
  about: string;
}

/** Shorter than the defaults of `startArga`: whoever starts this program is looking at it. */
const defaults = { provisionSeconds: 8, runSeconds: 30 } satisfies ArgaOptions;

const seconds = { lowest: 0, highest: 28_800 };
const count = { lowest: 0, highest: 1_000_000, whole: true };
const numberFlags: Record<string, NumberFlag> = {
  port: { option: "port", lowest: 0, highest: 65_535, whole: true, about: "default: a free one" },
  speed: {
    ...{ option: "speed", lowest: 0.02, highest: 1_000_000 },
    about: "how many times faster than the clock; default 1",
  },
  "provision-seconds": { option: "provisionSeconds", ...seconds, about: "until twins are ready; default 8" },
  "cleanup-seconds": { option: "cleanupSeconds", ...seconds, about: "of a teardown; default 10" },
  "run-seconds": { option: "runSeconds", ...seconds, about: "of a test or validation run; default 30" },
  "heartbeat-seconds": {
    option: "heartbeatSeconds",
    ...seconds,
    about: "of streams, 0 for none; default 15",
  },
  "monthly-runs": { option: "monthlyRuns", ...count, about: "of the Free plan; default 10" },
  provisions: { option: "provisions", ...count, about: "twin runs that the key allows; default: no limit" },
};

const plans: Plan[] = ["free", "team", "paid"];

export interface Flags {
  help: boolean;
  options: ArgaOptions;
}

/** @throws UsageError */
export function flagsOf(args: string[]): Flags {
  const { dialect, key, plan, help, "no-examples": bare, ...numbers } = parsed(args);
  const options: ArgaOptions = { ...defaults };
  if (key !== undefined) options.key = keyOf(key);
  if (plan !== undefined) options.plan = oneOf("--plan", plan, plans);
  if (bare) options.examples = false;
  if (dialect) options.dialect = Object.fromEntries(dialect.map(choiceOf));
  for (const [name, text] of Object.entries(numbers)) {
    const flag = numberFlags[name];
    if (flag) options[flag.option] = numberOf(`--${name}`, String(text), flag);
  }
  return { help: help ?? false, options };
}

function parsed(args: string[]) {
  const names = Object.keys(numberFlags).map((name) => [name, { type: "string" }] as const);
  try {
    return parseArgs({
      args,
      options: {
        ...Object.fromEntries(names),
        plan: { type: "string" },
        key: { type: "string" },
        dialect: { type: "string", multiple: true },
        "no-examples": { type: "boolean" },
        help: { type: "boolean", short: "h" },
      },
    }).values;
  } catch (error) {
    const flags = [...Object.keys(numberFlags), "plan", "key", "dialect", "no-examples", "help"];
    const why = error instanceof Error ? error.message : String(error);
    throw new UsageError(`${why}\nThere are: ${flags.map((name) => `--${name}`).join(", ")}`);
  }
}

function keyOf(text: string): string {
  if (/^\S+$/.test(text)) return text;
  throw new UsageError("--key is a word without blanks, such as arga_sk_local");
}

function numberOf(flag: string, text: string, { lowest, highest, whole }: NumberFlag): number {
  const number = text.trim() === "" ? Number.NaN : Number(text);
  const fits = number >= lowest && number <= highest && (!whole || Number.isInteger(number));
  if (fits) return number;
  throw new UsageError(
    `${flag} is a ${whole ? "whole " : ""}number from ${lowest} to ${highest}, not: ${text}`,
  );
}

function oneOf<T extends string | number | boolean>(what: string, text: string, values: readonly T[]): T {
  const found = values.find((value) => String(value) === text);
  if (found !== undefined) return found;
  throw new UsageError(`${what} is ${values.join(" or ")}, not: ${text}`);
}

/** `name=value` as an entry of the dialect. */
function choiceOf(text: string): [string, string | number | boolean] {
  const [name = "", ...rest] = text.split("=");
  const point = Object.entries(dialectPoints).find(([known]) => known === name)?.[1];
  if (!point) {
    const known = Object.keys(dialectPoints).join(", ");
    throw new UsageError(`--dialect takes name=value, not: ${text}\nThe names are: ${known}`);
  }
  return [name, oneOf(`--dialect ${name}`, rest.join("="), [...point.values])];
}

/** All flags with their values. */
export function usage(): string {
  const numbers = Object.entries(numberFlags).map(([name, { about }]) => row(`--${name} N`, about));
  const points = Object.entries(dialectPoints).map(([name, { values, about }]) =>
    row(`  ${name}=${values.join("|")}`, `${about}; default ${Reflect.get(defaultDialect, name)}`),
  );
  return `Usage: npm run sim:arga -- [flags]
${numbers.join("\n")}
${row(`--plan ${plans.join("|")}`, "default team")}
${row("--key KEY", "the API key that is accepted; default: a random one")}
${row("--no-examples", "without the saved tests and scenarios that are there otherwise")}
${row("--dialect NAME=VALUE", "may be given several times; what Arga's sources disagree about:")}
${points.join("\n")}
${row("--help", "this text")}`;
}

function row(flag: string, about: string): string {
  return `  ${flag.padEnd(38)} ${about}`;
}
