import type { Dockerfile } from '../src/dockerfile.ts';
import type { Instruction, RunInstruction } from '../src/instructions/instruction.ts';
import { expandWord } from '../src/shell/expand-word.ts';

/** A value as a build sees it: quotes gone, variables filled in. */
function evaluate({ name, value }: { readonly name: string; readonly value: string }): unknown {
  try {
    return { name, value: expandWord(value, new Map([['X', 'x y']]), { escape: '\\' }).result };
  } catch {
    return { name, value };
  }
}

function evaluateInstruction(instruction: Instruction): unknown {
  const { comments, kind } = instruction;
  switch (kind) {
    case 'EXPOSE':
      return { comments, kind, ports: instruction.ports.map((port) => port.toLowerCase()) };
    case 'ENV':
      return { comments, kind, values: instruction.variables.map(evaluate) };
    case 'LABEL':
      return { comments, kind, values: instruction.labels.map(evaluate) };
    case 'MAINTAINER':
      return {
        comments,
        kind: 'LABEL',
        values: [{ name: 'org.opencontainers.image.authors', value: instruction.maintainer }],
      };
    case 'RUN':
      return { ...instruction, command: withoutFlags(instruction.command) };
    default:
      return instruction;
  }
}

function withoutFlags(command: RunInstruction['command']): unknown {
  if (command.form === 'exec') return command;
  return { ...command, line: command.line.replace(/ (?:-y|--no-cache|--no-cache-dir)(?= |$)/g, '') };
}

const spelling = new Set(['location', 'original', 'keyword', 'as', 'writtenName', 'platform']);

/** What the file says, without what Docker's rules call equal, and without the flags that corrections add to package managers. */
export function meaning({ stages, metaArgs }: Dockerfile): unknown {
  const parts = stages.map(({ from, instructions }) => ({
    from,
    instructions: instructions.map(evaluateInstruction),
  }));
  return JSON.parse(
    JSON.stringify({ metaArgs, parts }, (key, value: unknown) => (spelling.has(key) ? undefined : value)),
  );
}
