import { suggest } from '@onebuild/core';
import { invalid, type Request } from './request.ts';

/** `list`: may be given several times. */
type FlagType = 'boolean' | 'string' | 'list';
type FlagSpec = Readonly<Record<string, FlagType>>;

type FlagValue<T extends FlagType> = T extends 'boolean'
  ? boolean
  : T extends 'string'
    ? string
    : readonly string[];

/** Flags that were not given are undefined, lists empty. */
export type Flags<S extends FlagSpec> = {
  readonly [K in keyof S]: S[K] extends 'list' ? readonly string[] : FlagValue<S[K]> | undefined;
};

/**
 * Reads the flags of an instruction. A boolean may stand alone; the others need a value.
 * @throws DOCKERFILE_INSTRUCTION for unknown, doubled and malformed flags
 */
export function readFlags<const S extends FlagSpec>({ node, name }: Request, spec: S): Flags<S> {
  const values = new Map<string, boolean | string | string[]>();
  for (const flag of node.flags) {
    const equals = flag.indexOf('=');
    const key = flag.slice(2, equals === -1 ? undefined : equals);
    const value = equals === -1 ? undefined : flag.slice(equals + 1);
    const type = Object.hasOwn(spec, key) ? spec[key] : undefined;
    if (type === undefined) throw unknownFlag(name, key, spec);
    if (values.has(key) && type !== 'list') throw invalid(`${name} has the flag --${key} twice`);
    if (type === 'boolean') values.set(key, readBoolean(key, value));
    else if (value === undefined) throw invalid(`the flag --${key} of ${name} needs a value: --${key}=...`);
    else if (type === 'string') values.set(key, value);
    else values.set(key, [...list(values.get(key)), value]);
  }
  const read = Object.entries(spec).map(([key, type]) => [
    key,
    values.get(key) ?? (type === 'list' ? [] : undefined),
  ]);
  return Object.fromEntries(read) as Flags<S>;
}

function list(value: boolean | string | string[] | undefined): readonly string[] {
  return Array.isArray(value) ? value : [];
}

function readBoolean(key: string, value: string | undefined): boolean {
  const lower = value?.toLowerCase();
  if (lower === undefined || lower === 'true') return true;
  if (lower === 'false') return false;
  throw invalid(`the flag --${key} must be true or false, not ${JSON.stringify(value)}`);
}

function unknownFlag(name: string, key: string, spec: FlagSpec): Error {
  const known = Object.keys(spec);
  const close = suggest(key, known);
  const hint =
    close === undefined
      ? known.length === 0
        ? `${name} has no flags.`
        : `Flags of ${name}: ${known.map((flag) => `--${flag}`).join(', ')}.`
      : `Did you mean --${close}?`;
  return invalid(
    `unknown flag --${key} of ${name}${close === undefined ? '' : `, did you mean --${close}?`}`,
    hint,
  );
}
