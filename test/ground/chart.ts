import { stringify } from "yaml";

/**
 * Fills in a chart's template: as much of Helm's language as ours uses, which is `if` (alone, `eq`, `ne`), `else`, `range`
 * over a map, values, and the functions below. Throws at anything else. As in Helm, `.` is the item inside of a `range`,
 * and `$.` leads out of it.
 */
export function fillIn(template: string, data: Data): string {
  const parts = [...template.matchAll(/(\s*)\{\{(-?) *(.*?) *\}\}|[\s\S]/g)].map(
    ([all, space = "", dash, action]) =>
      action === undefined ? { text: all } : { text: dash ? "" : space, action },
  );
  const { text, rest } = block(parts, data, { $: data });
  if (rest.length > 0) throw new Error("an end too many");
  return text;
}

export interface Data {
  Values: object;
  Release: { Name: string };
  Chart: { AppVersion: string };
}

interface Part {
  text: string;
  action?: string;
}

type Variables = Record<string, unknown>;

/** Up to the `end` or `else` that belongs to it, which is the first of the rest. */
function block(parts: Part[], data: unknown, variables: Variables): { text: string; rest: Part[] } {
  let text = "";
  let rest = parts;
  while (rest.length > 0) {
    const [part = { text: "" }, ...after] = rest;
    if (part.action === "end" || part.action === "else") return { text: text + part.text, rest };
    text += part.text;
    rest = after;
    if (part.action === undefined) continue;
    const [word = "", ...words] = part.action.split(" ");
    if (word === "if" || word === "range") {
      const made =
        word === "if" ? condition(rest, words, data, variables) : loop(rest, words, data, variables);
      text += made.text;
      rest = made.rest;
    } else text += String(pipeline(part.action, data, variables));
  }
  return { text, rest };
}

function condition(parts: Part[], words: string[], data: unknown, variables: Variables) {
  const holds = isTrue(words, data, variables);
  const yes = block(parts, data, variables);
  if (yes.rest[0]?.action !== "else") return { text: holds ? yes.text : "", rest: yes.rest.slice(1) };
  const no = block(yes.rest.slice(1), data, variables);
  return { text: holds ? yes.text : no.text, rest: no.rest.slice(1) };
}

/** Nothing, 0 and an empty text count as false. */
function isTrue([name = "", left, right]: string[], data: unknown, variables: Variables): boolean {
  if (left === undefined) return Boolean(value(name, data, variables));
  if (right === undefined || !["eq", "ne"].includes(name)) throw new Error(`unknown condition: ${name}`);
  return (value(left, data, variables) === value(right, data, variables)) === (name === "eq");
}

function loop(parts: Part[], words: string[], data: unknown, variables: Variables) {
  const [, key = "", item = "", of = ""] = /^(\$\w+), (\$\w+) := (\S+)$/.exec(words.join(" ")) ?? [];
  const entries = Object.entries(value(of, data, variables) as object).sort();
  const turns = entries.map(([name, each]) =>
    block(parts, each, { ...variables, [key]: name, [item]: each }),
  );
  const [turn] = turns;
  // Where its end is, only a turn tells.
  if (!turn) throw new Error(`${of} is empty`);
  return { text: turns.map(({ text }) => text).join(""), rest: turn.rest.slice(1) };
}

function pipeline(action: string, data: unknown, variables: Variables): unknown {
  const [first = "", ...functions] = action.split(" | ");
  const [word = "", argument] = first.split(" ");
  const start =
    argument === undefined
      ? value(word, data, variables)
      : call(word, undefined, value(argument, data, variables));
  return functions.reduce<unknown>((piped, each) => {
    const [name = "", of] = each.split(" ");
    return call(name, of === undefined ? undefined : value(of, data, variables), piped);
  }, start);
}

function call(name: string, argument: unknown, piped: unknown): unknown {
  switch (name) {
    case "quote":
      return JSON.stringify(String(piped));
    case "default":
      return piped === "" ? argument : piped;
    case "toYaml":
      return stringify(piped).trimEnd();
    case "nindent":
      return `\n${String(piped).replaceAll(/^/gm, " ".repeat(Number(argument)))}`;
    default:
      throw new Error(`unknown function: ${name}`);
  }
}

function value(word: string, data: unknown, variables: Variables): unknown {
  if (/^"[^"]*"$/.test(word)) return word.slice(1, -1);
  if (/^\d+$/.test(word)) return Number(word);
  const [start = "", ...path] = word.split(".");
  if (start !== "" && !Object.hasOwn(variables, start)) throw new Error(`nothing is called ${start}`);
  const found = path.reduce<unknown>(
    (at, name) => (at as Record<string, unknown>)?.[name],
    start === "" ? data : variables[start],
  );
  if (found === undefined) throw new Error(`nothing is called ${word}`);
  return found;
}
