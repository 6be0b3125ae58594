import {
  asFlag,
  asNumber,
  asText,
  fromJson,
  type HclValue,
  isList,
  isMap,
  nameKind,
} from './hcl/hcl-value.ts';
import { FunctionError } from './hcl/scope.ts';
import type { Expression } from './hcl/syntax.ts';
import { splitCsv } from './read-fields.ts';

/** A type of a variable: `string`, `list(number)`, `object({a = string})`. */
export type VariableType =
  | { readonly kind: 'string' | 'number' | 'bool' | 'any' }
  | { readonly kind: 'list' | 'set' | 'map'; readonly of: VariableType }
  | { readonly kind: 'tuple'; readonly items: readonly VariableType[] }
  | {
      readonly kind: 'object';
      readonly members: ReadonlyMap<string, VariableType & { readonly optional?: boolean }>;
    };

const plain = ['string', 'number', 'bool', 'any'] as const;

/** Undefined: that is no type. */
export function readType(expression: Expression): VariableType | undefined {
  if (expression.kind === 'variable') {
    const kind = plain.find((one) => one === expression.name);
    if (kind !== undefined) return { kind };
    const collection = (['list', 'set', 'map'] as const).find((one) => one === expression.name);
    return collection && { kind: collection, of: { kind: 'any' } };
  }
  if (expression.kind !== 'call') return undefined;
  const [arg] = expression.args;
  if (arg === undefined) return undefined;
  if (expression.name === 'optional') return readType(arg);
  const collection = (['list', 'set', 'map'] as const).find((one) => one === expression.name);
  if (collection !== undefined) {
    const of = readType(arg);
    return of && { kind: collection, of };
  }
  if (expression.name === 'tuple' && arg.kind === 'list') {
    const items = arg.items.map(readType);
    return items.every((item) => item !== undefined) ? { kind: 'tuple', items } : undefined;
  }
  if (expression.name !== 'object' || arg.kind !== 'object') return undefined;
  const members = new Map<string, VariableType & { optional?: boolean }>();
  for (const { key, value } of arg.entries) {
    const type = readType(value);
    if (type === undefined || key.kind !== 'literal') return undefined;
    members.set(asText(key.value) ?? '', {
      ...type,
      optional: value.kind === 'call' && value.name === 'optional',
    });
  }
  return { kind: 'object', members };
}

/** @throws FunctionError where the value does not convert */
export function convertValue(value: HclValue, type: VariableType): HclValue {
  if (value === null || type.kind === 'any') return value;
  const refuse = (what: string): never => {
    throw new FunctionError(`${what} is needed, not ${nameKind(value)}`);
  };
  switch (type.kind) {
    case 'string':
      return asText(value) ?? refuse('a text');
    case 'number':
      return asNumber(value) ?? refuse('a number');
    case 'bool':
      return asFlag(value) ?? refuse('true or false');
    case 'list':
    case 'set': {
      const items = isList(value) ? value : refuse('a list');
      const converted = items.map((item) => convertValue(item, type.of));
      return type.kind === 'list' ? converted : [...new Set(converted)].sort();
    }
    case 'tuple': {
      const items = isList(value) ? value : refuse('a list');
      if (items.length !== type.items.length) refuse(`a list of ${type.items.length} items`);
      return items.map((item, at) => convertValue(item, type.items[at] ?? { kind: 'any' }));
    }
    case 'map': {
      const map = isMap(value) ? value : refuse('an object');
      return new Map([...map].map(([key, item]) => [key, convertValue(item, type.of)]));
    }
    case 'object': {
      const map = isMap(value) ? value : refuse('an object');
      return new Map(
        [...type.members].map(([key, member]) => {
          if (!map.has(key) && !member.optional) throw new FunctionError(`the object has no ${key}`);
          return [key, convertValue(map.get(key) ?? null, member)];
        }),
      );
    }
  }
}

/** What the environment sets a variable to: lists are CSV, objects CSV of `key=value`. */
export function convertText(text: string, type: VariableType): HclValue {
  if (type.kind === 'list' || type.kind === 'set' || type.kind === 'tuple') {
    return convertValue(text === '' ? [] : splitCsv(text), type);
  }
  if (type.kind === 'map' || type.kind === 'object') {
    const entries = (text === '' ? [] : splitCsv(text)).map((field): [string, string] => {
      const at = field.indexOf('=');
      if (at === -1) throw new FunctionError(`"${field}" is not written as key=value`);
      return [field.slice(0, at), field.slice(at + 1)];
    });
    return convertValue(new Map(entries), type);
  }
  return convertValue(text, type);
}

/** What `NAME_JSON` of the environment sets a variable to. */
export function convertJson(text: string, type: VariableType): HclValue {
  try {
    return convertValue(fromJson(JSON.parse(text)), type);
  } catch (error) {
    if (error instanceof SyntaxError) throw new FunctionError('the value in the environment is not JSON');
    throw error;
  }
}

/** The type that a variable without one has by its default; undefined: the environment cannot set it. */
export function typeOfDefault(value: HclValue): VariableType | undefined {
  if (value === null || typeof value === 'string') return { kind: 'string' };
  if (typeof value === 'boolean') return { kind: 'bool' };
  return typeof value === 'number' ? { kind: 'number' } : undefined;
}
