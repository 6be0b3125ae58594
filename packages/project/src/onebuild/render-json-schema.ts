import type * as v from 'valibot';
import { projectFileParts, projectFileSchema } from './schema.ts';

type JsonSchema = Readonly<Record<string, unknown>>;

/** The fields of Valibot's schemas that are read here. */
interface Described {
  readonly type: string;
  readonly pipe?: readonly {
    readonly type: string;
    readonly description?: string;
    readonly title?: string;
  }[];
  readonly entries?: Readonly<Record<string, v.GenericSchema>>;
  readonly value?: v.GenericSchema;
  readonly item?: v.GenericSchema;
  readonly wrapped?: v.GenericSchema;
  readonly options?: readonly v.GenericSchema[] | readonly string[];
}

const partNames = new Map<v.GenericSchema, string>(
  Object.entries(projectFileParts).map(([name, schema]) => [schema, name]),
);

/** The JSON schema (draft 7) of `onebuild.yaml`, for editors: made from what checks the file itself. */
export function renderJsonSchema(): string {
  const parts = Object.entries(projectFileParts).map(([name, schema]) => [name, convert(schema)]);
  const described = {
    $schema: 'http://json-schema.org/draft-07/schema#',
    ...convert(projectFileSchema),
    // keys for anchors and other programs
    patternProperties: { '^x-': {} },
    $defs: Object.fromEntries(parts) as unknown,
  };
  return `${JSON.stringify(described, null, 2)}\n`;
}

/** A part by its name, anything else as it is. */
function refer(schema: v.GenericSchema): JsonSchema {
  const name = partNames.get(schema);
  return name === undefined ? convert(schema) : { $ref: `#/$defs/${name}` };
}

function convert(schema: v.GenericSchema): JsonSchema {
  const { pipe = [] } = schema as unknown as Described;
  const title = pipe.find((action) => action.type === 'title')?.title;
  const description = pipe.find((action) => action.type === 'description')?.description;
  return {
    ...convertBare(schema),
    ...(title !== undefined && { title }),
    ...(description !== undefined && { description }),
  };
}

function convertBare(schema: v.GenericSchema): JsonSchema {
  const { type, entries = {}, value, item, wrapped, options = [] } = schema as unknown as Described;
  switch (type) {
    case 'strict_object':
      return convertObject(entries);
    case 'record':
      return { type: 'object', additionalProperties: value === undefined ? {} : refer(value) };
    case 'array':
      return { type: 'array', items: item === undefined ? {} : refer(item) };
    case 'union':
      return { anyOf: (options as readonly v.GenericSchema[]).map(refer) };
    case 'picklist':
      return { type: 'string', enum: options };
    case 'optional':
      return wrapped === undefined ? {} : refer(wrapped);
    case 'nullable':
      return { anyOf: [...(wrapped === undefined ? [] : [refer(wrapped)]), { type: 'null' }] };
    default:
      return { type };
  }
}

function convertObject(entries: Readonly<Record<string, v.GenericSchema>>): JsonSchema {
  const required = Object.keys(entries).filter(
    (key) => (entries[key] as unknown as Described | undefined)?.type !== 'optional',
  );
  return {
    type: 'object',
    properties: Object.fromEntries(Object.entries(entries).map(([key, entry]) => [key, refer(entry)])),
    ...(required.length > 0 && { required }),
    additionalProperties: false,
  };
}
