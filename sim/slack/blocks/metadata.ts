import { below, type Check, type Context, isObject, list, object, refuse, string } from "./checks.ts";
import { LIMITS } from "./limits.ts";
import { url } from "./text.ts";

const isScalar = (value: unknown) => ["string", "number", "boolean"].includes(typeof value);

const flatObject: Check = (value, at, context) => {
  if (!isObject(value)) return refuseValue(at, context);
  for (const [key, entry] of Object.entries(value)) {
    if (!isScalar(entry)) refuseValue(below(at, key), context);
  }
};

function refuseValue(at: string, context: Context): void {
  const message = "must be a string, number or boolean, or one level of objects of these";
  refuse(context, at, "invalid_metadata_schema", message);
}

const flatObjects = list(flatObject, { min: 0 });

const eventPayload: Check = (value, at, context) => {
  if (!isObject(value)) return refuse(context, at, "invalid_metadata_schema", "must provide an object");
  for (const [key, entry] of Object.entries(value)) {
    if (isScalar(entry)) continue;
    if (Array.isArray(entry)) flatObjects(entry, below(at, key), context);
    else flatObject(entry, below(at, key), context);
  }
};

const anyObject: Check = (value, at, context) => {
  if (!isObject(value)) refuse(context, at, "wrong_type", "must provide an object");
};

/** A Work Object; what its payload may hold depends on its type and is left open here. */
const entity = object(
  {
    entity_type: string(),
    entity_payload: anyObject,
    external_ref: object({ id: string() }, { type: string() }),
    url: url(),
  },
  { app_unfurl_url: url() },
);

const event = { event_type: string(), event_payload: eventPayload };
const withEvent = object(event, { entities: list(entity) });
const withEntities = object({ entities: list(entity) }, event);

/** The metadata of a message: an event with a flat payload, or Work Objects, or both. */
export const metadata: Check = (value, at, context) => {
  const onlyEntities = isObject(value) && value.entities !== undefined && value.event_type === undefined;
  const before = context.problems.length;
  (onlyEntities ? withEntities : withEvent)(value, at, context);
  const broken = context.problems.length > before;
  if (!broken && Buffer.byteLength(JSON.stringify(value)) > LIMITS.message.metadataBytes)
    refuse(context, at, "metadata_too_large", `no more than ${LIMITS.message.metadataBytes} bytes allowed`);
};
