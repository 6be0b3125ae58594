import { OneBuildError, suggest } from '@onebuild/core';
import { faultAt } from '../../text-file.ts';
import { spend } from './budget.ts';
import { evaluateBinary, evaluateUnary } from './evaluate-operator.ts';
import { evaluateTemplate } from './evaluate-template.ts';
import {
  asFlag,
  asNumber,
  asText,
  type HclValue,
  isList,
  isMap,
  nameKind,
  sortedEntries,
} from './hcl-value.ts';
import { FunctionError, type Scope, withVariables } from './scope.ts';
import type { Expression, ForExpression, Loop } from './syntax.ts';

/**
 * The value of an expression.
 * @throws PROJECT_INVALID, with the place
 */
export function evaluate(expression: Expression, scope: Scope): HclValue {
  try {
    spend(scope.budget, 1);
    return compute(expression, scope);
  } catch (error) {
    if (error instanceof FunctionError) throw faultOf(expression, error.message);
    if (error instanceof OneBuildError && error.location === undefined) {
      throw faultAt(expression.at.file, expression.at, error);
    }
    if (error instanceof RangeError) throw faultOf(expression, 'the value is nested too deeply or too large');
    throw error;
  }
}

export function faultOf({ at }: Pick<Expression, 'at'>, message: string, hint?: string): OneBuildError {
  return faultAt(at.file, at, { message, ...(hint !== undefined && { hint }) });
}

function compute(expression: Expression, scope: Scope): HclValue {
  switch (expression.kind) {
    case 'literal':
      return expression.value;
    case 'template':
      return evaluateTemplate(expression, scope);
    case 'variable':
      return readVariable(expression, expression.name, scope);
    case 'splat-item':
      return readVariable(expression, '*', scope);
    case 'index':
      return readIndex(expression, evaluate(expression.of, scope), evaluate(expression.index, scope));
    case 'splat': {
      const of = evaluate(expression.of, scope);
      const items = of === null ? [] : isList(of) ? of : [of];
      return items.map((item) => evaluate(expression.each, withVariables(scope, new Map([['*', item]]))));
    }
    case 'call':
      return call(expression, scope);
    case 'list':
      return expression.items.map((item) => evaluate(item, scope));
    case 'object':
      return new Map(
        expression.entries.map(({ key, value }) => [textOf(key, scope, 'a key'), evaluate(value, scope)]),
      );
    case 'for':
      return loop(expression, scope);
    case 'unary':
      return evaluateUnary(expression, evaluate(expression.operand, scope));
    case 'binary':
      return evaluateBinary(expression, evaluate(expression.left, scope), () =>
        evaluate(expression.right, scope),
      );
    case 'condition':
      return choose(expression, scope);
  }
}

function readVariable(expression: Expression, name: string, scope: Scope): HclValue {
  const value = scope.variable(name);
  if (value !== undefined) return value;
  const meant = suggest(name, [...scope.names()]);
  const hint = meant === undefined ? `Write variable "${name}" {} to make one.` : `Did you mean ${meant}?`;
  throw faultOf(expression, `there is no variable ${name}`, hint);
}

function readIndex(at: Expression, of: HclValue, index: HclValue): HclValue {
  if (isMap(of)) {
    const key = asText(index);
    const value = key === undefined ? undefined : of.get(key);
    if (value !== undefined) return value;
    const meant = key === undefined ? undefined : suggest(key, [...of.keys()]);
    throw faultOf(
      at,
      `the object has no attribute ${key ?? nameKind(index)}`,
      meant === undefined ? 'lookup(object, key, default) gives a default.' : `Did you mean ${meant}?`,
    );
  }
  if (isList(of)) {
    const number = asNumber(index);
    const value = number === undefined ? undefined : of[number];
    if (value !== undefined) return value;
    throw faultOf(
      at,
      `the list has no item ${asText(index) ?? nameKind(index)}`,
      `It has ${of.length} items.`,
    );
  }
  throw faultOf(at, `${nameKind(of)} has no attributes and no items`, 'Only lists and objects have them.');
}

function call(expression: Extract<Expression, { kind: 'call' }>, scope: Scope): HclValue {
  const { name } = expression;
  // they look at whether an argument has a value at all
  if (name === 'try' || name === 'can') return attempt(expression, scope);
  const found = scope.function(name);
  if (found === undefined) {
    throw faultOf(
      expression,
      `there is no function ${name}`,
      'docs/guide/bake.md lists the functions; a function block makes one.',
    );
  }
  const args = expression.args.map((arg) => evaluate(arg, scope));
  const last = expression.spread ? args.pop() : undefined;
  if (last !== undefined && !isList(last))
    throw faultOf(expression, `${nameKind(last)} cannot be spread with ...`);
  const all = [...args, ...(last ?? [])];
  if (all.length > 100_000) throw faultOf(expression, 'there are too many arguments');
  return found.call(all, scope.budget);
}

function attempt(expression: Extract<Expression, { kind: 'call' }>, scope: Scope): HclValue {
  let latest: unknown;
  for (const arg of expression.args) {
    try {
      const value = evaluate(arg, scope);
      return expression.name === 'can' ? true : value;
    } catch (error) {
      if (scope.budget.left < 0 || !(error instanceof OneBuildError)) throw error;
      latest = error;
    }
  }
  if (expression.name === 'can') return false;
  throw latest ?? faultOf(expression, 'try needs an argument');
}

/** Both sides of a condition have one kind: where one is a text, so is the other. */
function choose(expression: Extract<Expression, { kind: 'condition' }>, scope: Scope): HclValue {
  const test = flagOf(expression.test, scope);
  const value = evaluate(test ? expression.yes : expression.no, scope);
  if (typeof value !== 'number' && typeof value !== 'boolean') return value;
  const other = test ? expression.no : expression.yes;
  return isPlainText(other) ? (asText(value) ?? value) : value;
}

function isPlainText(expression: Expression): boolean {
  return (
    expression.kind === 'template' || (expression.kind === 'literal' && typeof expression.value === 'string')
  );
}

/** Each round of a loop: names that it sets, for a list or an object. */
export function* rounds(loop: Loop, scope: Scope): Generator<Scope> {
  const over = evaluate(loop.over, scope);
  if (!isList(over) && !isMap(over)) {
    throw faultOf(loop.over, `for goes over lists and objects, not over ${nameKind(over)}`);
  }
  const entries = isMap(over) ? sortedEntries(over) : over.map((item, at) => [at, item] as const);
  for (const [key, value] of entries) {
    const names = new Map<string, HclValue>([[loop.valueName, value]]);
    if (loop.keyName !== undefined) names.set(loop.keyName, key);
    yield withVariables(scope, names);
  }
}

function loop(expression: ForExpression, scope: Scope): HclValue {
  const { key, value, test, grouped } = expression;
  const items: HclValue[] = [];
  const map = new Map<string, HclValue>();
  for (const inner of rounds(expression, scope)) {
    if (test !== undefined && !flagOf(test, inner)) continue;
    if (key === undefined) {
      items.push(evaluate(value, inner));
      continue;
    }
    const name = textOf(key, inner, 'a key');
    const earlier = map.get(name);
    if (earlier !== undefined && !grouped) {
      throw faultOf(
        key,
        `the key ${name} comes twice`,
        'Put ... behind the value to group the values of equal keys.',
      );
    }
    const made = evaluate(value, inner);
    map.set(name, grouped ? [...(earlier !== undefined && isList(earlier) ? earlier : []), made] : made);
    if (grouped) spend(scope.budget, map.size);
  }
  return key === undefined ? items : map;
}

function textOf(expression: Expression, scope: Scope, what: string): string {
  const value = evaluate(expression, scope);
  const text = asText(value);
  if (text === undefined) throw faultOf(expression, `${what} is a text, not ${nameKind(value)}`);
  return text;
}

export function flagOf(expression: Expression, scope: Scope): boolean {
  const value = evaluate(expression, scope);
  const flag = asFlag(value);
  if (flag === undefined) throw faultOf(expression, `true or false is needed, not ${nameKind(value)}`);
  return flag;
}
