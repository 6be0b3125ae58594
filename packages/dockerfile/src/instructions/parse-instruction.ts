import { fault } from '@onebuild/core';
import { decodeText } from '../decode-text.ts';
import { parseTree } from '../parser/parse-tree.ts';
import { placeFault } from '../place-fault.ts';
import type { Instruction } from './instruction.ts';
import { readInstruction } from './read-instruction.ts';

/**
 * Reads one instruction: an ONBUILD trigger of a base image, as its config keeps it (heredoc bodies included). The escape character is
 * `\`, whatever the Dockerfile that made the base had, as in BuildKit.
 * @throws DOCKERFILE_PARSE, DOCKERFILE_INSTRUCTION
 */
export function parseInstruction(line: string, options: { readonly name?: string } = {}): Instruction {
  const name = options.name ?? 'ONBUILD';
  const text = decodeText(line, name);
  return placeFault({ text }, { file: name, line: 1 }, () => {
    const [node, second] = parseTree(text, name).nodes;
    if (node === undefined || second !== undefined)
      throw fault('DOCKERFILE_INSTRUCTION', 'a trigger must be a single instruction');
    const instruction = readInstruction(node, name);
    if (instruction.kind === 'FROM') throw fault('DOCKERFILE_INSTRUCTION', 'FROM cannot be a trigger');
    return instruction;
  });
}
