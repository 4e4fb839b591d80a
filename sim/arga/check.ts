import { z } from "zod";
import { Refusal } from "./refusal.ts";

const NoBody = z.strictObject({}).optional();
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/**
 * The body in the shape of the schema.
 * The live service's 422 is not recorded; a list of objects with `loc`, `msg` and `type` is what a server in
 * its style answers, and the harder case for a client that expects a string.
 * @throws Refusal 422
 */
export function valid<T>(schema: z.ZodType<T>, body: unknown): T {
  const result = schema.safeParse(body);
  if (result.success) return result.data;
  throw new Refusal(
    422,
    result.error.issues.flatMap((issue) => problems(issue, body)),
  );
}

/** @throws Refusal 422 when a body with anything in it came where Arga documents none. */
export function noBody(body: unknown): void {
  valid(NoBody, body);
}

/** @throws Refusal 400 when the id is not a UUID. */
export function uuid(id: string | undefined): string {
  if (id === undefined || !UUID.test(id)) throw new Refusal(400, "Invalid run_id: must be a UUID");
  return id.toLowerCase();
}

/** A UUID or not, in the form in which the state keeps it: where a bad id is simply one that is not found. */
export function idOf(id: string | undefined): string {
  return (id ?? "").toLowerCase();
}

const Count = (lowest: number, highest: number) => z.coerce.number().int().min(lowest).max(highest);

/** A number in the query. @throws Refusal 422 */
export function queryCount(query: URLSearchParams, name: string, [lowest, highest]: [number, number]) {
  const given = query.get(name);
  if (given === null) return undefined;
  const result = Count(lowest, highest).safeParse(given === "" ? Number.NaN : given);
  if (result.success) return result.data;
  const msg = `Input should be an integer of ${lowest} to ${highest}`;
  throw new Refusal(422, [{ type: "int_parsing", loc: ["query", name], msg }]);
}

/** A boolean in the query, in the spellings that HTTP clients use. @throws Refusal 422 */
export function queryFlag(query: URLSearchParams, name: string): boolean {
  const given = query.get(name)?.toLowerCase() ?? "false";
  if (["true", "1", "yes", "on"].includes(given)) return true;
  if (["false", "0", "no", "off"].includes(given)) return false;
  const msg = "Input should be a valid boolean";
  throw new Refusal(422, [{ type: "bool_parsing", loc: ["query", name], msg }]);
}

interface Problem {
  type: string;
  loc: PropertyKey[];
  msg: string;
}

function problems(issue: z.core.$ZodIssue, body: unknown): Problem[] {
  const loc = ["body", ...issue.path];
  if (issue.code === "unrecognized_keys") {
    const msg = "Extra inputs are not permitted";
    return issue.keys.map((key) => ({ type: "extra_forbidden", loc: [...loc, key], msg }));
  }
  if (valueAt(body, issue.path) === undefined) return [{ type: "missing", loc, msg: "Field required" }];
  return [{ type: issue.code, loc, msg: issue.message }];
}

function valueAt(value: unknown, path: PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (inner, key) => (typeof inner === "object" && inner !== null ? Reflect.get(inner, key) : undefined),
    value,
  );
}
