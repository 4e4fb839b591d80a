import { isDeepStrictEqual } from "node:util";
import {
  below,
  byType,
  isObject,
  type JsonObject,
  list,
  number,
  object,
  oneOf,
  type Rule,
  refuse,
  string,
} from "./checks.ts";
import { LIMITS } from "./limits.ts";

const label = string({ max: LIMITS.chart.label });
const axisLabel = string({ min: 0, max: LIMITS.chart.axisLabel });

const series = object({
  name: label,
  data: list(object({ label, value: number }), { max: LIMITS.chart.points }),
});

const axes = object(
  { categories: list(label, { max: LIMITS.chart.points }) },
  { x_label: axisLabel, y_label: axisLabel },
);

/** The names of the series are unique, and each has exactly one point for each category. */
const seriesFitAxes: Rule = ({ series: all, axis_config }, at, context) => {
  if (!Array.isArray(all) || !isObject(axis_config)) return;
  const categories = sorted(axis_config.categories);
  const names = new Set<unknown>();
  for (const [index, one] of all.entries()) {
    if (!isObject(one)) continue;
    const pointer = below(`${at}/series`, index);
    if (names.has(one.name))
      refuse(context, pointer, "duplicate_name", "the name of a series must be unique");
    names.add(one.name);
    if (!isDeepStrictEqual(sorted(labelsOf(one)), categories))
      refuse(context, pointer, "invalid_value", "must have exactly one point for each category");
  }
};

function labelsOf({ data }: JsonObject): unknown[] {
  return Array.isArray(data) ? data.filter(isObject).map((point) => point.label) : [];
}

function sorted(values: unknown): string[] {
  return Array.isArray(values) ? values.map(String).sort() : [];
}

const segment = object({ label, value: number }, {}, ({ value }, at, context) => {
  if (typeof value === "number" && value <= 0)
    refuse(context, below(at, "value"), "out_of_range", "must be greater than 0");
});

function cartesian(type: string) {
  return object(
    { type: oneOf(type), series: list(series, { max: LIMITS.chart.series }), axis_config: axes },
    {},
    seriesFitAxes,
  );
}

/** The `chart` of a data_visualization block. */
export const chart = byType({
  line: cartesian("line"),
  bar: cartesian("bar"),
  area: cartesian("area"),
  pie: object({ type: oneOf("pie"), segments: list(segment, { max: LIMITS.chart.segments }) }),
});
