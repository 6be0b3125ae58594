import { readFlags } from './flags.ts';
import type { FromInstruction } from './instruction.ts';
import { invalid, type Request } from './request.ts';

export function readFrom(request: Request): FromInstruction {
  const { args } = request.node;
  const [base, as, writtenName] = args;
  if (base === undefined || (args.length !== 1 && !(args.length === 3 && as?.toLowerCase() === 'as'))) {
    throw invalid('FROM needs one argument, or three: FROM image AS name');
  }
  const { platform } = readFlags(request, { platform: 'string' });
  return {
    ...request.base,
    kind: 'FROM',
    base,
    ...(platform && { platform }),
    ...(as !== undefined && { as }),
    ...(writtenName !== undefined && { name: readStageName(writtenName), writtenName }),
  };
}

function readStageName(written: string): string {
  const name = written.toLowerCase();
  if (!/^[a-z][a-z0-9-_.]*$/.test(name)) {
    throw invalid(
      `${JSON.stringify(written)} is no name for a stage`,
      'A name begins with a letter and has letters, digits, -, _ and . only.',
    );
  }
  return name;
}
