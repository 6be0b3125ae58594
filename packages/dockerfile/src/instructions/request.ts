import { fault, type OneBuildError } from '@onebuild/core';
import type { Node } from '../parser/node.ts';
import type { InstructionBase } from './instruction.ts';

/** A node on its way to an instruction, and the fields that every instruction has. */
export interface Request {
  readonly node: Node;
  /** Upper case. */
  readonly name: string;
  readonly base: InstructionBase;
}

export function createRequest(node: Node, file: string): Request {
  return {
    node,
    name: node.keyword.toUpperCase(),
    base: {
      location: { file, line: node.startLine, endLine: node.endLine, column: node.column },
      original: node.original.trim(),
      comments: node.comments,
      keyword: node.keyword,
    },
  };
}

export function invalid(message: string, hint?: string): OneBuildError {
  return fault('DOCKERFILE_INSTRUCTION', message, hint === undefined ? {} : { hint });
}

/** The arguments, of which there is at least one. */
export function requireSome({ node, name }: Request): readonly [string, ...string[]] {
  const [first, ...rest] = node.args;
  if (first === undefined) throw invalid(`${name} needs at least one argument`);
  return [first, ...rest];
}

export function requireOne({ node, name }: Request): string {
  const [only] = node.args;
  if (only === undefined || node.args.length !== 1) throw invalid(`${name} needs exactly one argument`);
  return only;
}
