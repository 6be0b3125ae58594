import { readFlags } from './flags.ts';
import type {
  ArgDeclaration,
  ArgInstruction,
  EnvInstruction,
  ExposeInstruction,
  LabelInstruction,
  NamedValue,
} from './instruction.ts';
import { invalid, type Request, requireSome } from './request.ts';

export function readEnv(request: Request): EnvInstruction {
  return { ...request.base, kind: 'ENV', variables: readPairs(request) };
}

export function readLabel(request: Request): LabelInstruction {
  return { ...request.base, kind: 'LABEL', labels: readPairs(request) };
}

/** Flags are not looked at, as Docker does it: `ARG --x` names a flag, and declares nothing. */
export function readArg(request: Request): ArgInstruction {
  const args = requireSome(request).map((arg): ArgDeclaration => {
    const equals = arg.indexOf('=');
    const name = equals === -1 ? arg : arg.slice(0, equals);
    if (name === '') throw invalid('a name of ARG is empty');
    const description = findDescription(request.node.comments, name);
    return {
      name,
      ...(equals !== -1 && { value: arg.slice(equals + 1) }),
      ...(description !== undefined && { description }),
    };
  });
  return { ...request.base, kind: 'ARG', args };
}

export function readExpose(request: Request): ExposeInstruction {
  readFlags(request, {});
  return { ...request.base, kind: 'EXPOSE', ports: requireSome(request).toSorted() };
}

function readPairs(request: Request): readonly NamedValue[] {
  readFlags(request, {});
  const args = requireSome(request);
  const pairs: NamedValue[] = [];
  for (let i = 0; i + 2 < args.length; i += 3) {
    const [name = '', value = '', separator] = args.slice(i, i + 3);
    if (name === '') throw invalid(`a name of ${request.name} is empty`);
    pairs.push({ name, value, legacy: separator === '' });
  }
  return pairs;
}

function findDescription(comments: readonly string[], name: string): string | undefined {
  return comments.find((comment) => comment.startsWith(`${name} `))?.slice(name.length + 1);
}
