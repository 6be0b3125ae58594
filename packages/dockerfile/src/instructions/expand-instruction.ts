import type { EscapeCharacter } from '../lexer/directive-reader.ts';
import { placeFault } from '../place-fault.ts';
import { createExpander, type Expander } from './expander.ts';
import type {
  AddInstruction,
  ArgDeclaration,
  ArgInstruction,
  CopyInstruction,
  FromInstruction,
  Instruction,
  NamedValue,
} from './instruction.ts';
import { parseMode } from './mode.ts';
import { parseMount } from './parse-mount.ts';
import { resolveExposedPorts } from './ports.ts';
import { invalid } from './request.ts';
import { checkSignal } from './signal.ts';

/** A {@link Dockerfile} will do: its text lets errors show the place. */
export interface ExpandOptions {
  readonly escape: EscapeCharacter;
  readonly text?: string;
  /** A value from outside (build argument, or the ARG before the first FROM) that stands instead of an ARG's default and isn't expanded. */
  readonly argValue?: (arg: ArgDeclaration) => string | undefined;
}

export interface Expanded<T> {
  readonly instruction: T;
  /** Names that were used but are not set; each once, in order. */
  readonly unmatched: readonly string[];
}

/**
 * The instruction with every field expanded that Docker expands, then checked: modes, ports, mounts, signals, checksums.
 * `env` is the environment before this line; nothing sees what the same line sets, ARG apart.
 * @throws DOCKERFILE_EXPANSION, DOCKERFILE_INSTRUCTION
 */
export function expandInstruction<T extends Instruction | FromInstruction>(
  instruction: T,
  env: ReadonlyMap<string, string>,
  options: ExpandOptions,
): Expanded<T> {
  const expander = createExpander(env, options.escape);
  return placeFault(options, instruction.location, () => {
    if (instruction.kind === 'ARG') return expandArg(instruction, env, options) as Expanded<T>;
    const expanded = expand(instruction, expander) as T;
    return { instruction: expanded, unmatched: [...expander.unmatched] };
  });
}

function expand(
  instruction: Instruction | FromInstruction,
  expander: Expander,
): Instruction | FromInstruction {
  const { word } = expander;
  switch (instruction.kind) {
    case 'FROM':
      return expandFrom(instruction, expander);
    case 'RUN':
      return { ...instruction, mounts: instruction.mountFlags.map((flag) => parseMount(flag, word)) };
    case 'COPY':
      return { ...instruction, ...expandPaths(instruction, expander) };
    case 'ADD':
      return expandAdd(instruction, expander);
    case 'ENV':
      return { ...instruction, variables: expandPairs(instruction.variables, expander) };
    case 'LABEL':
      return { ...instruction, labels: expandPairs(instruction.labels, expander) };
    case 'EXPOSE': {
      const ports = instruction.ports.flatMap(expander.words);
      resolveExposedPorts(ports);
      return { ...instruction, ports };
    }
    case 'VOLUME': {
      const paths = instruction.paths.map(word);
      if (paths.includes('')) throw invalid('a path of VOLUME is empty');
      return { ...instruction, paths };
    }
    case 'USER':
      return { ...instruction, user: word(instruction.user) };
    case 'WORKDIR':
      return { ...instruction, path: word(instruction.path) };
    case 'STOPSIGNAL': {
      const signal = word(instruction.signal);
      checkSignal(signal);
      return { ...instruction, signal };
    }
    default:
      return instruction;
  }
}

function expandFrom(from: FromInstruction, { word, unmatched }: Expander): FromInstruction {
  const base = word(from.base);
  const platform = from.platform === undefined ? undefined : word(from.platform);
  const unset = unmatched.size === 0 ? '' : ` (${[...unmatched].join(', ')} not set)`;
  const hint = 'Declare it with ARG before the first FROM, or pass it with --build-arg.';
  if (base === '') throw invalid(`the base ${from.base} is empty${unset}`, hint);
  if (platform === '') throw invalid(`the platform ${from.platform} is empty${unset}`, hint);
  return { ...from, base, ...(platform !== undefined && { platform }) };
}

function expandPairs(pairs: readonly NamedValue[], { word }: Expander): readonly NamedValue[] {
  return pairs.map((pair) => ({ ...pair, name: word(pair.name), value: word(pair.value) }));
}

type ExpandedPaths = Pick<CopyInstruction, 'sources' | 'dest' | 'inlineSources' | 'chown' | 'chmod'>;

function expandPaths(copy: CopyInstruction | AddInstruction, { word, body }: Expander): ExpandedPaths {
  const chmod = word(copy.chmod ?? '');
  if (chmod !== '') parseMode(chmod);
  return {
    ...(copy.chown !== undefined && { chown: word(copy.chown) || undefined }),
    ...(copy.chmod !== undefined && { chmod: chmod || undefined }),
    sources: copy.sources.map(word),
    dest: word(copy.dest),
    inlineSources: copy.inlineSources.map((source) =>
      source.expand ? { ...source, content: body(source.content) } : source,
    ),
  };
}

function expandAdd(add: AddInstruction, expander: Expander): AddInstruction {
  const expanded = { ...add, ...expandPaths(add, expander) };
  if (add.checksum === undefined) return expanded;
  const checksum = expander.word(add.checksum) || undefined;
  if (checksum !== undefined && add.sources.length + add.inlineSources.length !== 1) {
    throw invalid('ADD --checksum needs exactly one source');
  }
  return { ...expanded, checksum };
}

/** Defaults are expanded only where nothing stands in for them. */
function expandArg(
  arg: ArgInstruction,
  env: ReadonlyMap<string, string>,
  options: ExpandOptions,
): Expanded<ArgInstruction> {
  const own = new Map<string, string>();
  const known = { get: (name: string) => own.get(name) ?? env.get(name) };
  const { word, unmatched } = createExpander(known, options.escape);
  const args = arg.args.map((declaration) => {
    const value =
      options.argValue?.(declaration) ??
      (declaration.value === undefined ? undefined : word(declaration.value));
    if (value === undefined) return declaration;
    own.set(declaration.name, value);
    return { ...declaration, value };
  });
  return { instruction: { ...arg, args }, unmatched: [...unmatched] };
}
