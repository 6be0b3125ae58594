import { fault } from '@onebuild/core';
import { decodeText } from '../decode-text.ts';
import type { Dockerfile, ParseWarning, Stage } from '../dockerfile.ts';
import { parseTree } from '../parser/parse-tree.ts';
import { placeFault } from '../place-fault.ts';
import { locate } from '../snippet.ts';
import type { ArgInstruction, FromInstruction, Instruction } from './instruction.ts';
import { readInstruction } from './read-instruction.ts';

export interface ParseOptions {
  /** Of the file, as errors show it. */
  readonly name: string;
}

/**
 * Reads a whole Dockerfile. Bytes are taken as UTF-8.
 * @throws DOCKERFILE_PARSE, DOCKERFILE_INSTRUCTION, DOCKERFILE_STAGE, with place and snippet
 */
export function parseDockerfile(source: string | Uint8Array, options: ParseOptions): Dockerfile {
  const { name } = options;
  const text = decodeText(source, name);
  if (text === '') throw fault('DOCKERFILE_PARSE', `${name} is empty`, { location: { file: name, line: 1 } });
  const tree = placeFault({ text }, { file: name, line: 1 }, () => parseTree(text, name));
  const metaArgs: ArgInstruction[] = [];
  const stages: OpenStage[] = [];
  for (const node of tree.nodes) {
    const place = { file: name, line: node.startLine, endLine: node.endLine, column: node.column };
    placeFault({ text }, place, () => {
      const instruction = readInstruction(node, name);
      const stage = stages.at(-1);
      if (instruction.kind === 'FROM') stages.push(openStage(instruction, stages.length));
      else if (stage !== undefined) stage.instructions.push(instruction);
      else if (instruction.kind === 'ARG') metaArgs.push(instruction);
      else {
        throw fault('DOCKERFILE_STAGE', `${instruction.kind} stands before the first FROM`, {
          hint: 'Only ARG, comments and parser directives may come before FROM.',
        });
      }
    });
  }
  if (stages.length === 0) throw noStage({ text, name, line: tree.nodes.at(-1)?.endLine ?? 1 });
  checkStageNumbers(stages, text);
  const warnings = tree.blankContinuations.map(
    (line): ParseWarning => ({
      rule: 'NoEmptyContinuation',
      message: 'Empty continuation line',
      location: { file: name, line },
    }),
  );
  return { name, text, escape: tree.escape, directives: tree.directives, metaArgs, stages, warnings };
}

type OpenStage = Stage & { readonly instructions: Instruction[] };

function openStage(from: FromInstruction, index: number): OpenStage {
  return {
    index,
    ...(from.name !== undefined && { name: from.name }),
    base: from.base,
    ...(from.platform !== undefined && { platform: from.platform }),
    location: from.location,
    from,
    instructions: [],
  };
}

function noStage({ text, name, line }: { text: string; name: string; line: number }): Error {
  return fault('DOCKERFILE_STAGE', `${name} has no FROM, so there is nothing to build`, {
    location: locate({ text }, { file: name, line }),
    hint: 'Begin a stage with FROM, for example FROM scratch.',
  });
}

/** `COPY --from=3` must be the number of a stage. */
function checkStageNumbers(stages: readonly Stage[], text: string): void {
  for (const { instructions } of stages) {
    for (const instruction of instructions) {
      if (instruction.kind !== 'COPY' || !/^[+-]?\d+$/.test(instruction.from ?? '')) continue;
      const number = Number(instruction.from);
      if (number >= 0 && number < stages.length) continue;
      throw fault('DOCKERFILE_STAGE', `there is no stage ${instruction.from}`, {
        location: locate({ text }, instruction.location),
        hint: `Stages are numbered from 0 to ${stages.length - 1}.`,
      });
    }
  }
}
