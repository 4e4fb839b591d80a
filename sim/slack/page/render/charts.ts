import { attribute, type Html, html } from "./html.ts";
import { type Json, listOf, objectOf, stringOf } from "./json.ts";

const COLOURS = ["#4a7dd8", "#e0883b", "#3f9f6b", "#b65fb0", "#c9a227", "#d1495b"];

interface Bar {
  name: string;
  value: number;
}

/** A chart as bars, whatever its type: enough to see that the numbers are there and what they are. */
export function chart({ title, chart }: Json): Html {
  const { type, segments, series } = objectOf(chart);
  const rows =
    type === "pie"
      ? [group("", segments)]
      : listOf(series).map(({ name, data }) => group(stringOf(name), data));
  const max = Math.max(1, ...rows.flatMap(({ bars }) => bars.map(({ value }) => Math.abs(value))));
  const drawn = rows.map(
    ({ name, bars }, index) =>
      html`${name && html`<tr><th colspan="2">${name}</th></tr>`}${bars.map((bar) => barHtml(bar, max, index))}`,
  );
  return html`<figure class="chart"><figcaption>${stringOf(title)}</figcaption><table>${drawn}</table></figure>`;
}

function group(name: string, data: unknown): { name: string; bars: Bar[] } {
  return {
    name,
    bars: listOf(data).map(({ label, value }) => ({ name: stringOf(label), value: Number(value) })),
  };
}

function barHtml({ name, value }: Bar, max: number, series: number): Html {
  const width = Math.round((Math.abs(value) / max) * 100);
  const style = attribute("style", `width:${width}%;background:${COLOURS[series % COLOURS.length]}`);
  return html`<tr><td>${name}</td><td><span class="bar"${style}></span>${value}</td></tr>`;
}
