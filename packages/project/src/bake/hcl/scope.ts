import type { Budget } from './budget.ts';
import type { HclValue } from './hcl-value.ts';

/** What names mean where an expression stands. */
export interface Scope {
  readonly budget: Budget;
  /** Undefined: there is nothing with the name. */
  variable(name: string): HclValue | undefined;
  /** Names that `variable` knows, for hints. */
  names(): readonly string[];
  /** Undefined: there is no such function. */
  function(name: string): HclFunction | undefined;
}

export interface HclFunction {
  /** @throws FunctionError where the arguments do not fit */
  call(args: readonly HclValue[], budget: Budget): HclValue;
}

/** Why a function has no result; whoever called it adds the place. */
export class FunctionError extends Error {}

/** The scope with names of its own, as a loop has them. */
export function withVariables(scope: Scope, variables: ReadonlyMap<string, HclValue>): Scope {
  return {
    budget: scope.budget,
    variable: (name) => (variables.has(name) ? variables.get(name) : scope.variable(name)),
    names: () => [...variables.keys(), ...scope.names()],
    function: (name) => scope.function(name),
  };
}
