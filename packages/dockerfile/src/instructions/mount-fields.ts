import { suggest } from '@onebuild/core';
import { parseByteSize } from './byte-size.ts';
import { splitCsv } from './csv-fields.ts';
import { invalid } from './request.ts';

export const mountTypes = ['bind', 'cache', 'tmpfs', 'secret', 'ssh'] as const;
export type MountType = (typeof mountTypes)[number];
const sharings = ['shared', 'private', 'locked'] as const;

/** The options of a `--mount` before its type has said which of them it can have. */
export interface MountFields {
  type: MountType;
  from?: string;
  source?: string;
  target?: string;
  readonly?: boolean;
  id?: string;
  sharing?: (typeof sharings)[number];
  required?: boolean;
  size?: number;
  mode?: number;
  uid?: number;
  gid?: number;
  env?: string;
}

const aliases: Readonly<Record<string, string>> = {
  src: 'source',
  dst: 'target',
  destination: 'target',
  ro: 'readonly',
  rw: 'readwrite',
};
const keys = [
  'type',
  'from',
  'source',
  'target',
  'readonly',
  'readwrite',
  'id',
  'sharing',
  'required',
  'size',
  'mode',
  'uid',
  'gid',
  'env',
];

/**
 * Reads `type=cache,target=/x`, every value through `expand`. As in BuildKit an option that belongs to one type must stand behind `type=`.
 * @throws DOCKERFILE_INSTRUCTION
 */
export function readMountFields(text: string, expand: (word: string) => string): MountFields {
  const fields: MountFields = { type: 'bind' };
  for (const field of splitCsv(text)) {
    const equals = field.indexOf('=');
    const written = (equals === -1 ? field : field.slice(0, equals)).toLowerCase();
    const key = aliases[written] ?? written;
    if (equals !== -1) readField(fields, key, { written, value: expand(field.slice(equals + 1)) });
    else if (key === 'readonly' || key === 'readwrite' || key === 'required')
      readField(fields, key, { written, value: 'true' });
    else throw unknownOption(field, key);
  }
  return fields;
}

/** What `from=` says, before anything is expanded. */
export function findMountFrom(text: string): string | undefined {
  let from: string | undefined;
  for (const field of splitCsv(text)) {
    const equals = field.indexOf('=');
    if (equals === -1 || field.slice(0, equals).toLowerCase() !== 'from') continue;
    from = field.slice(equals + 1);
    const dollar = from.indexOf('$');
    if (dollar !== -1 && dollar !== from.length - 1) {
      throw invalid(
        `from=${from} of a mount cannot hold a variable`,
        'Declare a stage for it and name that.',
      );
    }
  }
  return from;
}

function readField(fields: MountFields, key: string, entry: { written: string; value: string }): void {
  const { written, value } = entry;
  switch (key) {
    case 'type':
      fields.type = readChoice('mount type', value, mountTypes);
      break;
    case 'from':
    case 'source':
    case 'target':
    case 'id':
    case 'env':
      fields[key] = value;
      break;
    case 'readonly':
      fields.readonly = readBoolean(written, value);
      break;
    case 'readwrite':
      fields.readonly = !readBoolean(written, value);
      break;
    case 'required':
      requireType(fields, written, ['secret', 'ssh']);
      fields.required = readBoolean(written, value);
      break;
    case 'size':
      requireType(fields, written, ['tmpfs']);
      fields.size = parseByteSize(value);
      break;
    case 'sharing':
      fields.sharing = readChoice('sharing', value, sharings);
      break;
    case 'mode':
      fields.mode = readNumber(written, value, 8);
      break;
    case 'uid':
    case 'gid':
      fields[key] = readNumber(written, value, 10);
      break;
    default:
      throw unknownOption(`${written}=${value}`, written);
  }
}

function requireType(fields: MountFields, option: string, types: readonly MountType[]): void {
  if (!types.includes(fields.type)) {
    throw invalid(
      `a mount of type ${fields.type} has no option ${option}`,
      `It belongs to ${types.join(' and ')}; write type= in front of it.`,
    );
  }
}

function readChoice<T extends string>(what: string, value: string, choices: readonly T[]): T {
  const choice = choices.find((one) => one === value.toLowerCase());
  if (choice !== undefined) return choice;
  const close = suggest(value, choices);
  throw invalid(
    `unknown ${what} ${JSON.stringify(value)}${close === undefined ? '' : `, did you mean ${close}?`}`,
    `There are ${choices.join(', ')}.`,
  );
}

/** The words of Go's `strconv.ParseBool`. */
function readBoolean(option: string, value: string): boolean {
  if (['1', 't', 'T', 'TRUE', 'true', 'True'].includes(value)) return true;
  if (['0', 'f', 'F', 'FALSE', 'false', 'False'].includes(value)) return false;
  throw invalid(`${option}=${value} of a mount must be true or false`);
}

function readNumber(option: string, value: string, radix: 8 | 10): number {
  const form = radix === 8 ? /^[0-7]+$/ : /^[0-9]+$/;
  const number = form.test(value) ? Number.parseInt(value, radix) : Number.NaN;
  if (!(number < 2 ** 32)) {
    throw invalid(`${option}=${value} of a mount must be ${radix === 8 ? 'an octal' : 'a decimal'} number`);
  }
  return number;
}

function unknownOption(field: string, key: string): Error {
  const known = [...keys, ...Object.keys(aliases)];
  if (known.includes(key)) return invalid(`the option ${key} of a mount needs a value: ${key}=...`);
  const close = suggest(key, known);
  return invalid(
    `unknown option ${JSON.stringify(field)} of a mount${close === undefined ? '' : `, did you mean ${close}?`}`,
    `Options are ${keys.join(', ')}.`,
  );
}
