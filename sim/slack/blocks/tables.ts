import {
  below,
  boolean,
  byType,
  type Check,
  integer,
  isObject,
  list,
  number,
  object,
  oneOf,
  type Rule,
  refuse,
  string,
} from "./checks.ts";
import { LIMITS } from "./limits.ts";
import { richText } from "./richText.ts";

const rawText = object({ type: oneOf("raw_text"), text: string() });
const rawNumber = object({ type: oneOf("raw_number"), value: number }, { text: string() });
const cells = { raw_text: rawText, raw_number: rawNumber, rich_text: richText };
const row = list(byType(cells), { max: LIMITS.table.cells });

const notTooMuchText: Rule = ({ rows }, at, context) => {
  if (textLength(rows) > LIMITS.table.characters)
    refuse(
      context,
      below(at, "rows"),
      "too_long",
      `no more than ${LIMITS.table.characters} characters in all`,
    );
};

/** Characters of all `text` values below a value. */
export function textLength(value: unknown): number {
  if (Array.isArray(value)) return value.reduce((sum: number, entry) => sum + textLength(entry), 0);
  if (!isObject(value)) return 0;
  const own = typeof value.text === "string" ? value.text.length : 0;
  return Object.values(value).reduce((sum: number, entry) => sum + textLength(entry), own);
}

const columnSetting = object({}, { align: oneOf("left", "center", "right"), is_wrapped: boolean });
/** A column's setting may be `null`, to leave that column as it is. */
const columnSettingOrNull: Check = (value, at, context) => {
  if (value !== null) columnSetting(value, at, context);
};

export const tableFields = {
  required: { rows: list(row, { max: LIMITS.table.rows }) },
  optional: { column_settings: list(columnSettingOrNull, { min: 0, max: LIMITS.table.cells }) },
  rules: [notTooMuchText],
};

const plainHeader: Rule = ({ rows }, at, context) => {
  const header: unknown = Array.isArray(rows) ? rows[0] : undefined;
  if (!Array.isArray(header)) return;
  for (const [column, cell] of header.entries()) {
    if (isObject(cell) && cell.type === "rich_text")
      refuse(
        context,
        below(`${at}/rows/0`, column),
        "not_allowed_here",
        "rich_text is not allowed in the header",
      );
  }
};

const namesColumn: Rule = ({ rows, row_header_column_index: index }, at, context) => {
  const header: unknown = Array.isArray(rows) ? rows[0] : undefined;
  if (typeof index === "number" && Array.isArray(header) && index >= header.length)
    refuse(context, below(at, "row_header_column_index"), "out_of_range", "must be the index of a column");
};

export const dataTableFields = {
  required: {
    caption: string(),
    rows: list(row, { min: 2, max: LIMITS.dataTable.dataRows + 1 }),
  },
  optional: {
    page_size: integer({ min: 1, max: LIMITS.dataTable.pageSize }),
    row_header_column_index: integer({ min: 0, max: LIMITS.table.cells - 1 }),
  },
  rules: [plainHeader, namesColumn, notTooMuchText],
};
