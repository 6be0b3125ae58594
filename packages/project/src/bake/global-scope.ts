import { faultAt } from '../text-file.ts';
import { convertJson, convertText, convertValue, readType, typeOfDefault } from './convert-variable.ts';
import { standardFunctions } from './functions/standard-functions.ts';
import { createBudget } from './hcl/budget.ts';
import { evaluate, faultOf, flagOf } from './hcl/evaluate.ts';
import { asText, type HclValue } from './hcl/hcl-value.ts';
import { FunctionError, type HclFunction, type Scope, withVariables } from './hcl/scope.ts';
import type { Attribute, Block, Expression } from './hcl/syntax.ts';

export interface BakeFacts {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Milliseconds since 1970, for `timestamp()`. */
  readonly now: number;
  /** For `homedir()`. */
  readonly home: string;
  /** `linux/amd64`: what BAKE_LOCAL_PLATFORM is. */
  readonly platform: string;
}

export interface Globals {
  readonly variables: ReadonlyMap<string, readonly Block[]>;
  readonly functions: ReadonlyMap<string, Block>;
  readonly attributes: ReadonlyMap<string, Attribute>;
  /** `target` and `group`: what blocks say, as an object. */
  reference(name: string): HclValue | undefined;
}

/** Names that all expressions of the files know; values are found out when they are first asked for. */
export function createGlobalScope(globals: Globals, facts: BakeFacts): Scope & { check(): void } {
  const { variables, functions, attributes } = globals;
  const known = new Map<string, HclValue>([
    ['BAKE_CMD_CONTEXT', 'cwd://'],
    ['BAKE_LOCAL_PLATFORM', facts.platform],
  ]);
  const under = new Set<string>();
  const standard = standardFunctions(facts);
  const own = new Map<string, HclFunction>();
  let calls = 0;

  const once = <T>(name: string, at: Expression | Attribute | Block, work: () => T): T => {
    if (under.has(name)) throw faultAt(at.at.file, at.at, { message: `${name} needs itself` });
    under.add(name);
    try {
      return work();
    } finally {
      under.delete(name);
    }
  };

  const scope: Scope = {
    budget: createBudget(),
    names: () => [...known.keys(), ...variables.keys(), ...attributes.keys()],
    variable(name) {
      const value = known.get(name);
      if (value !== undefined) return value;
      const attribute = attributes.get(name);
      const blocks = variables.get(name);
      const at = attribute ?? blocks?.[0];
      if (at === undefined) return globals.reference(name);
      const made = once(name, at, () =>
        attribute === undefined
          ? readVariable(name, blocks ?? [])
          : override(name, evaluate(attribute.value, scope), attribute, blocks !== undefined),
      );
      known.set(name, made);
      for (const block of blocks ?? []) validate(block);
      return made;
    },
    function(name) {
      const block = functions.get(name);
      if (block === undefined) return standard.get(name);
      let made = own.get(name);
      if (made === undefined) own.set(name, (made = makeFunction(name, block)));
      return made;
    },
  };

  const override = (name: string, value: HclValue, at: Attribute, isVariable: boolean): HclValue => {
    const text = facts.env[name];
    if (text === undefined || !isVariable) return value;
    const type = typeOfDefault(value);
    if (type === undefined)
      throw faultOf(at.value, `the environment cannot set ${name}: it is not a plain value`);
    return placed(at, () => convertText(text, type));
  };

  const readVariable = (name: string, blocks: readonly Block[]): HclValue => {
    const find = (attribute: string): Attribute | undefined =>
      blocks
        .map(({ body }) => body.attributes.find((one) => one.name === attribute))
        .findLast((one) => one !== undefined);
    const [given, declared] = [find('default'), find('type')];
    const type = declared && readType(declared.value);
    if (declared !== undefined && type === undefined) {
      throw faultOf(
        declared.value,
        'this is no type',
        'Types are string, number, bool, list(string), map(number), object({a = string}).',
      );
    }
    const preset = given === undefined ? null : evaluate(given.value, scope);
    const value =
      type === undefined || given === undefined ? preset : placed(given, () => convertValue(preset, type));
    const json = type !== undefined && 'kind' in type && facts.env[`${name}_JSON`];
    const first = blocks[0];
    if (typeof json === 'string' && first !== undefined && facts.env[name] === undefined) {
      return placed(declared ?? first, () => convertJson(json, type ?? { kind: 'any' }));
    }
    const text = facts.env[name];
    if (text === undefined) return value === null && type === undefined && given === undefined ? '' : value;
    const wanted = type ?? typeOfDefault(value);
    if (wanted === undefined) {
      throw faultAt((given ?? first)?.at.file ?? noFile, (given ?? first)?.at ?? { start: 0 }, {
        message: `the environment cannot set ${name}: it is a list or an object`,
        hint: `Declare its type: type = list(string).`,
      });
    }
    return placed(given ?? declared ?? first, () => convertText(text, wanted));
  };

  const validate = (block: Block): void => {
    for (const { type, body } of block.body.blocks) {
      if (type !== 'validation') continue;
      const find = (name: string) => body.attributes.find((one) => one.name === name);
      const condition = find('condition');
      if (condition === undefined || flagOf(condition.value, scope)) continue;
      const message = find('error_message');
      const text = message && asText(evaluate(message.value, scope));
      throw faultOf(
        condition.value,
        text ?? `${block.labels[0] ?? 'the variable'} has a value that is not allowed`,
      );
    }
  };

  const makeFunction = (name: string, block: Block): HclFunction => {
    const find = (attribute: string) => block.body.attributes.find((one) => one.name === attribute);
    const params = find('params')?.value;
    const result = find('result')?.value;
    const rest = (find('variadic_params') ?? find('variadic_param'))?.value;
    const names = params?.kind === 'list' ? params.items.map(nameOf) : [];
    const restName = rest?.kind === 'list' ? rest.items.map(nameOf)[0] : rest && nameOf(rest);
    if (result === undefined || params === undefined) {
      throw faultAt(block.at.file, block.at, { message: `the function ${name} needs params and result` });
    }
    return {
      call(args) {
        if (args.length < names.length || (args.length > names.length && restName === undefined)) {
          throw new FunctionError(`${name} takes ${names.length} arguments, not ${args.length}`);
        }
        const values = new Map(names.map((param, at) => [param, args[at] ?? null]));
        if (restName !== undefined) values.set(restName, args.slice(names.length));
        if (calls >= 50)
          throw new FunctionError(`${name} calls itself, or functions call each other too deeply`);
        calls++;
        try {
          return evaluate(result, withVariables(scope, values));
        } finally {
          calls--;
        }
      },
    };
  };

  return {
    ...scope,
    check() {
      for (const name of [...attributes.keys(), ...variables.keys()]) scope.variable(name);
      for (const name of functions.keys()) scope.function(name);
    },
  };
}

const noFile = { name: '', text: '' };

/** Parameters are plain names; JSON files write them as texts. */
function nameOf(expression: Expression): string {
  if (expression.kind === 'variable') return expression.name;
  if (expression.kind === 'literal' && typeof expression.value === 'string') return expression.value;
  throw faultOf(expression, 'a parameter is a plain name');
}

function placed<T>(at: Attribute | Block | undefined, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof FunctionError) || at === undefined) throw error;
    throw faultAt(at.at.file, at.at, { message: error.message });
  }
}
