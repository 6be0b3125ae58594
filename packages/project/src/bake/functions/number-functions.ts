import { isEqual } from '../hcl/hcl-value.ts';
import { FunctionError } from '../hcl/scope.ts';
import { type Arguments, define, type FunctionDefinition } from './arguments.ts';

const many = 1000;

export const numberFunctions: Readonly<Record<string, FunctionDefinition>> = {
  add: define(2, ({ number }) => finite(number(0) + number(1))),
  subtract: define(2, ({ number }) => finite(number(0) - number(1))),
  multiply: define(2, ({ number }) => finite(number(0) * number(1))),
  divide: define(2, ({ number }) => finite(number(0) / number(1))),
  modulo: define(2, ({ number }) => finite(number(0) % number(1))),
  negate: define(1, ({ number }) => -number(0)),
  absolute: define(1, ({ number }) => Math.abs(number(0))),
  ceil: define(1, ({ number }) => Math.ceil(number(0))),
  floor: define(1, ({ number }) => Math.floor(number(0))),
  int: define(1, ({ number }) => Math.trunc(number(0))),
  signum: define(1, ({ number }) => Math.sign(number(0))),
  pow: define(2, ({ number }) => finite(number(0) ** number(1))),
  log: define(2, ({ number }) => finite(Math.log(number(0)) / Math.log(number(1)))),
  min: define(1, (args) => Math.min(...numbers(args)), many),
  max: define(1, (args) => Math.max(...numbers(args)), many),
  parseint: define(2, ({ text, number }) => {
    const base = number(1);
    const value = Number.parseInt(text(0), base);
    if (
      !Number.isSafeInteger(value) ||
      base < 2 ||
      base > 36 ||
      value.toString(base) !== text(0).toLowerCase()
    ) {
      throw new FunctionError(`"${text(0)}" is not a whole number of base ${base}`);
    }
    return value;
  }),
  greaterthan: define(2, ({ number }) => number(0) > number(1)),
  greaterthanorequalto: define(2, ({ number }) => number(0) >= number(1)),
  lessthan: define(2, ({ number }) => number(0) < number(1)),
  lessthanorequalto: define(2, ({ number }) => number(0) <= number(1)),
  equal: define(2, ({ value }) => isEqual(value(0), value(1))),
  notequal: define(2, ({ value }) => !isEqual(value(0), value(1))),
  and: define(2, ({ flag }) => flag(0) && flag(1)),
  or: define(2, ({ flag }) => flag(0) || flag(1)),
  not: define(1, ({ flag }) => !flag(0)),
};

function numbers({ all, number }: Arguments): number[] {
  return all.map((_, at) => number(at));
}

function finite(value: number): number {
  if (!Number.isFinite(value)) throw new FunctionError('the result is not a number');
  return value;
}
