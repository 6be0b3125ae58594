import type { Budget } from '../hcl/budget.ts';
import {
  asFlag,
  asNumber,
  asText,
  type HclMap,
  type HclValue,
  isList,
  isMap,
  nameKind,
} from '../hcl/hcl-value.ts';
import { FunctionError } from '../hcl/scope.ts';

/** The arguments of a call, read as the function needs them. */
export interface Arguments {
  readonly all: readonly HclValue[];
  readonly budget: Budget;
  text(at: number): string;
  number(at: number): number;
  flag(at: number): boolean;
  list(at: number): readonly HclValue[];
  map(at: number): HclMap;
  value(at: number): HclValue;
}

/** `least` to `most` arguments, and what becomes of them. */
export interface FunctionDefinition {
  readonly least: number;
  readonly most: number;
  run(args: Arguments): HclValue;
}

export function define(least: number, run: FunctionDefinition['run'], most = least): FunctionDefinition {
  return { least, most, run };
}

export function readArguments(all: readonly HclValue[], budget: Budget): Arguments {
  const read =
    <T>(what: string, convert: (value: HclValue) => T | undefined) =>
    (at: number): T => {
      const value = all[at] ?? null;
      const converted = convert(value);
      if (converted !== undefined) return converted;
      throw new FunctionError(`argument ${at + 1} is ${what}, not ${nameKind(value)}`);
    };
  return {
    all,
    budget,
    text: read('a text', asText),
    number: read('a number', asNumber),
    flag: read('true or false', asFlag),
    list: read('a list', (value) => (isList(value) ? value : undefined)),
    map: read('an object', (value) => (isMap(value) ? value : undefined)),
    value: (at) => all[at] ?? null,
  };
}
