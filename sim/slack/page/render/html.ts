/** HTML that is safe to put into a page: only `html` makes it, and `html` escapes what it is given. */
export class Html {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  toString(): string {
    return this.text;
  }
}

export type Part = Html | string | number | boolean | null | undefined | readonly Part[];

/** A template whose values are escaped, except other templates; `undefined`, `null` and booleans leave nothing. */
export function html(strings: TemplateStringsArray, ...values: readonly Part[]): Html {
  const parts = strings.map(
    (literal, index) => literal + (index < values.length ? written(values[index]) : ""),
  );
  return new Html(parts.join(""));
}

export function escapeHtml(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;")
    .replaceAll("'", "&#39;");
}

/** ` name="value"`, or nothing when there is no value; `true` gives the bare name. */
export function attribute(name: string, value: string | number | boolean | undefined): Html {
  if (value === undefined || value === false) return new Html("");
  return value === true ? html` ${name}` : html` ${name}="${value}"`;
}

function written(part: Part): string {
  if (Array.isArray(part)) return part.map(written).join("");
  if (part instanceof Html) return part.text;
  if (typeof part === "string") return escapeHtml(part);
  return typeof part === "number" ? String(part) : "";
}

/** An `href` that cannot run anything; other schemes than these lead nowhere. */
export function safeUrl(url: string): string {
  return /^(https?:|mailto:)/i.test(url.trim()) ? url : "#";
}
