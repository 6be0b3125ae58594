import assert from 'node:assert/strict';
import { test } from 'node:test';
import { renderJsonSchema } from './render-json-schema.ts';

interface Schema {
  readonly properties: Readonly<Record<string, Schema>>;
  readonly $defs: Readonly<Record<string, Schema>>;
  readonly description?: string;
}

const text = renderJsonSchema();
const schema = JSON.parse(text) as Schema;

test('every setting has a description, and every reference leads somewhere', () => {
  for (const part of [schema, ...Object.values(schema.$defs)]) {
    for (const [name, setting] of Object.entries(part.properties ?? {})) assert.ok(setting.description, name);
  }
  const references = [...text.matchAll(/"\$ref": "#\/\$defs\/(\w+)"/g)].map(([, name = '']) => name);
  assert.ok(references.length > 50);
  assert.deepEqual(
    references.filter((name) => !(name in schema.$defs)),
    [],
  );
});

test('the forms of settings are those that the reader takes', () => {
  const { component, registry, text: plain, oneOrMore } = schema.$defs;
  const { properties } = component ?? schema;
  assert.deepEqual(properties['images'], {
    $ref: '#/$defs/oneOrMore',
    description: properties['images']?.description,
  });
  assert.deepEqual(oneOrMore, { anyOf: [{ $ref: '#/$defs/text' }, { $ref: '#/$defs/texts' }] });
  assert.deepEqual(plain, { anyOf: [{ type: 'string' }, { type: 'number' }, { type: 'boolean' }] });
  assert.deepEqual(properties['network'], {
    type: 'string',
    enum: ['default', 'none', 'host'],
    description: 'The network of RUN steps.',
  });
  assert.partialDeepStrictEqual(registry, {
    type: 'object',
    required: ['host'],
    additionalProperties: false,
  });
  assert.partialDeepStrictEqual(properties['variants'], {
    type: 'object',
    additionalProperties: { anyOf: [{ $ref: '#/$defs/variant' }, { type: 'null' }] },
  });
  assert.partialDeepStrictEqual(schema, { patternProperties: { '^x-': {} }, additionalProperties: false });
});
