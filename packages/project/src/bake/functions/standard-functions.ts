import { FunctionError, type HclFunction } from '../hcl/scope.ts';
import { define, type FunctionDefinition, readArguments } from './arguments.ts';
import { encodingFunctions } from './encoding-functions.ts';
import { listFunctions } from './list-functions.ts';
import { numberFunctions } from './number-functions.ts';
import { textFunctions } from './text-functions.ts';
import { timeFunctions } from './time-functions.ts';

export interface FunctionFacts {
  /** Milliseconds since 1970. */
  readonly now: number;
  /** The user's folder. */
  readonly home: string;
}

/** Functions of the original that depend on chance or keys; a file that calls one is told so. */
const unsupported = [
  'bcrypt',
  'rsadecrypt',
  'uuidv4',
  'uuidv5',
  'cidrhost',
  'cidrnetmask',
  'cidrsubnet',
  'cidrsubnets',
  'csvdecode',
  'bytesslice',
  'setsymmetricdifference',
  'convert',
  'semvercmp',
  'unixtimestampparse',
];

/** The functions that every bake file may call. */
export function standardFunctions({ now, home }: FunctionFacts): ReadonlyMap<string, HclFunction> {
  const definitions: Readonly<Record<string, FunctionDefinition>> = {
    ...textFunctions,
    ...listFunctions,
    ...numberFunctions,
    ...encodingFunctions,
    ...timeFunctions(now),
    homedir: define(0, () => home),
  };
  const functions = new Map(Object.entries(definitions).map(([name, one]) => [name, toFunction(name, one)]));
  for (const name of unsupported) {
    functions.set(name, { call: () => refuse(`supported: ${name}`) });
  }
  return functions;
}

function refuse(what: string): never {
  throw new FunctionError(`this is not ${what}`);
}

function toFunction(name: string, { least, most, run }: FunctionDefinition): HclFunction {
  return {
    call(args, budget) {
      if (args.length < least || args.length > most) {
        const wanted =
          least === most ? String(least) : most >= 100 ? `at least ${least}` : `${least} to ${most}`;
        throw new FunctionError(`${name} takes ${wanted} arguments, not ${args.length}`);
      }
      return run(readArguments(args, budget));
    },
  };
}
