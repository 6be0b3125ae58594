import { OneBuildError, suggest } from '@onebuild/core';
import { faultAt, locateOffset } from '../text-file.ts';
import {
  type AttributeName,
  type AttributeValue,
  attributeKinds,
  type BakeDefinition,
  type BakeGroup,
  type BakeTarget,
  isAttributeName,
  kindOf,
} from './bake-target.ts';
import { type BakeFacts, createGlobalScope, type Globals } from './global-scope.ts';
import { evaluate, faultOf } from './hcl/evaluate.ts';
import { asText, type HclValue, isList, isMap, sortedEntries } from './hcl/hcl-value.ts';
import { FunctionError, type Scope, withVariables } from './hcl/scope.ts';
import type { Attribute, Block, Body } from './hcl/syntax.ts';
import { readAttribute } from './read-attribute.ts';

/** Targets that one matrix makes at most. */
const largestMatrix = 1000;

/** What blocks and attributes of bake files say, all files as one. */
export function readBlocks(bodies: readonly Body[], facts: BakeFacts): BakeDefinition {
  const byType = (type: string): Block[] =>
    bodies.flatMap(({ blocks }) => blocks.filter((one) => one.type === type));
  for (const block of bodies.flatMap(({ blocks }) => blocks)) checkBlock(block);
  const targetBlocks = byType('target');
  const groupBlocks = byType('group');
  const scope = createGlobalScope(
    collectGlobals(bodies, (name) => refer(name)),
    facts,
  );
  const open = new Set<Attribute>();
  // target.base.tags: what the blocks of that name say, without what they inherit
  const refer = (name: string): HclValue | undefined => {
    if (name !== 'target' && name !== 'group') return undefined;
    const blocks = name === 'target' ? targetBlocks : groupBlocks;
    return lazyBlocks(blocks, (attribute) => {
      if (open.has(attribute))
        throw faultAt(attribute.at.file, attribute.at, { message: `${attribute.name} needs itself` });
      open.add(attribute);
      try {
        return evaluate(attribute.value, scope);
      } finally {
        open.delete(attribute);
      }
    });
  };
  scope.check();
  const groups = groupBlocks.map((block) => readGroup(block, scope));
  const targets: BakeTarget[] = [];
  for (const block of targetBlocks) {
    const made = readTargets(block, scope);
    targets.push(...made);
    const names = [...new Set(made.map(({ name }) => name))];
    const label = block.labels[0] ?? '';
    // the name of the block stands for all that it makes
    if (
      block.body.attributes.some(({ name }) => name === 'matrix') &&
      !(names.length === 1 && names[0] === label)
    ) {
      groups.push({ name: label, targets: names });
    }
  }
  return { targets, groups };
}

function checkBlock({ type, labels, at }: Block): void {
  const types = ['target', 'group', 'variable', 'function'];
  if (!types.includes(type)) {
    const meant = suggest(type, types);
    throw faultAt(at.file, at, {
      message: `there are no blocks of type ${type}`,
      hint: meant === undefined ? `Blocks are ${types.join(', ')}.` : `Did you mean ${meant}?`,
    });
  }
  if (labels.length !== 1)
    throw faultAt(at.file, at, { message: `a ${type} has one name: ${type} "name" { ... }` });
}

function collectGlobals(bodies: readonly Body[], reference: Globals['reference']): Globals {
  const variables = new Map<string, Block[]>();
  const functions = new Map<string, Block>();
  for (const block of bodies.flatMap(({ blocks }) => blocks)) {
    const name = block.labels[0] ?? '';
    if (block.type === 'variable') variables.set(name, [...(variables.get(name) ?? []), block]);
    if (block.type === 'function') functions.set(name, block);
  }
  const attributes = new Map(
    bodies.flatMap((body) => body.attributes.map((one) => [one.name, one] as const)),
  );
  return { variables, functions, attributes, reference };
}

/** A map of maps that evaluates an attribute when it is asked for. */
function lazyBlocks(blocks: readonly Block[], read: (attribute: Attribute) => HclValue): HclValue {
  const named = new Map<string, HclValue>();
  for (const { labels, body } of blocks) {
    const name = labels[0] ?? '';
    const earlier = named.get(name);
    const attributes =
      earlier instanceof LazyMap ? new Map(earlier.attributes) : new Map<string, Attribute>();
    for (const attribute of body.attributes) attributes.set(attribute.name, attribute);
    named.set(name, new LazyMap(attributes, read));
  }
  return named;
}

class LazyMap extends Map<string, HclValue> {
  readonly attributes: ReadonlyMap<string, Attribute>;
  readonly #read: (attribute: Attribute) => HclValue;

  constructor(attributes: ReadonlyMap<string, Attribute>, read: (attribute: Attribute) => HclValue) {
    super([...attributes.keys()].map((name) => [name, null]));
    this.attributes = attributes;
    this.#read = read;
  }

  override get(name: string): HclValue | undefined {
    const attribute = this.attributes.get(name);
    return attribute === undefined ? undefined : this.#read(attribute);
  }
}

function readGroup(block: Block, scope: Scope): BakeGroup {
  let targets: readonly string[] = [];
  let description: string | undefined;
  for (const attribute of block.body.attributes) {
    if (attribute.name === 'targets') {
      const read = placedRead(attribute, scope, (value) =>
        readAttribute(value, { shape: 'texts', merge: 'replace' }),
      );
      targets = Array.isArray(read) ? [...new Set(read as string[])] : [];
    } else if (attribute.name === 'description') {
      description = asText(evaluate(attribute.value, scope));
    } else {
      throw faultAt(attribute.at.file, attribute.at, {
        message: `a group has no ${attribute.name}`,
        hint: 'A group has targets and description.',
      });
    }
  }
  return { name: block.labels[0] ?? '', targets, ...(description !== undefined && { description }) };
}

function readTargets(block: Block, scope: Scope): BakeTarget[] {
  const find = (name: string) => block.body.attributes.find((one) => one.name === name);
  const [inner] = block.body.blocks;
  if (inner !== undefined)
    throw faultAt(inner.at.file, inner.at, {
      message: `a target has no block ${inner.type}`,
      hint: `Write ${inner.type} = { ... }.`,
    });
  const [matrix, name] = [find('matrix'), find('name')];
  if (name !== undefined && matrix === undefined) {
    throw faultAt(name.at.file, name.at, {
      message: 'name needs a matrix',
      hint: 'The name of a target stands behind the word target.',
    });
  }
  const scopes = matrix === undefined ? [scope] : expandMatrix(matrix, scope);
  if (matrix !== undefined && name === undefined && scopes.length > 1) {
    throw faultAt(matrix.at.file, matrix.at, {
      message: 'a matrix needs a name: its targets would all have the same',
      hint: 'Write name = "app-${item}".',
    });
  }
  return scopes.map((one) => readTarget(block, name, one));
}

function expandMatrix(matrix: Attribute, scope: Scope): Scope[] {
  const value = evaluate(matrix.value, scope);
  if (!isMap(value)) throw faultOf(matrix.value, 'a matrix is an object of lists');
  let rows: Map<string, HclValue>[] = [new Map()];
  for (const [name, items] of sortedEntries(value)) {
    if (!isList(items)) throw faultOf(matrix.value, `${name} of the matrix is not a list`);
    if (rows.length * items.length > largestMatrix) {
      throw faultOf(matrix.value, `the matrix makes more than ${largestMatrix} targets`);
    }
    rows = items.flatMap((item) => rows.map((row) => new Map(row).set(name, item)));
  }
  return rows.map((row) => withVariables(scope, row));
}

function readTarget(block: Block, named: Attribute | undefined, scope: Scope): BakeTarget {
  const label = block.labels[0] ?? '';
  const name = named === undefined ? label : (asText(evaluate(named.value, scope)) ?? '');
  if (!/^[a-zA-Z0-9_-]+$/.test(name)) {
    const at = named?.value.at ?? block.at;
    throw faultAt(at.file, at, {
      message: `"${name}" cannot be the name of a target`,
      hint: 'Names have letters, digits, _ and -; sanitize(text) makes one.',
    });
  }
  const values = new Map<AttributeName, AttributeValue>();
  let inherits: readonly string[] = [];
  for (const attribute of block.body.attributes) {
    if (attribute.name === 'matrix' || attribute.name === 'name') continue;
    if (attribute.name === 'inherits') {
      const read = placedRead(attribute, scope, (value) =>
        readAttribute(value, { shape: 'texts', merge: 'replace' }),
      );
      inherits = Array.isArray(read) ? (read as string[]) : [];
      continue;
    }
    if (!isAttributeName(attribute.name)) throw unknownAttribute(attribute);
    const kind = kindOf(attribute.name);
    const read = placedRead(attribute, scope, (value) => readAttribute(value, kind));
    if (read !== undefined) values.set(attribute.name, read);
  }
  return { name, inherits, values, location: locateOffset(block.at.file, block.at.start, block.at.end) };
}

function unknownAttribute({ name, at }: Attribute): OneBuildError {
  const meant = suggest(name, [...Object.keys(attributeKinds), 'inherits', 'matrix', 'name']);
  return faultAt(at.file, at, {
    message: `a target has no attribute ${name}`,
    hint: meant === undefined ? 'docs/guide/bake.md lists the attributes.' : `Did you mean ${meant}?`,
  });
}

function placedRead<T>(attribute: Attribute, scope: Scope, read: (value: HclValue) => T): T {
  const value = evaluate(attribute.value, scope);
  try {
    return read(value);
  } catch (error) {
    if (error instanceof FunctionError) throw faultOf(attribute.value, `${attribute.name}: ${error.message}`);
    if (!(error instanceof OneBuildError) || error.location !== undefined) throw error;
    throw faultOf(attribute.value, `${attribute.name}: ${error.message}`, error.hint);
  }
}
