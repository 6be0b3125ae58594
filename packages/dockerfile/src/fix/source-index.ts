import type { Dockerfile } from '../dockerfile.ts';
import type { ArgInstruction, FromInstruction, Instruction } from '../instructions/instruction.ts';

export type AnyInstruction = Instruction | FromInstruction | ArgInstruction;

/** Finds lines, offsets and instructions of a Dockerfile without going through all of it each time. */
export interface SourceIndex {
  /** Offset of a line from 1; the length of the text for lines behind its end. A byte order mark belongs to no line. */
  startOf(line: number): number;
  /** Line and column of an offset, both from 1. */
  placeOf(offset: number): readonly [line: number, column: number];
  /** The instruction that a line is part of. */
  instructionAt(line: number): AnyInstruction | undefined;
}

const indexes = new WeakMap<Dockerfile, SourceIndex>();

export function indexSource(dockerfile: Dockerfile): SourceIndex {
  const known = indexes.get(dockerfile);
  if (known !== undefined) return known;
  const index = createIndex(dockerfile);
  indexes.set(dockerfile, index);
  return index;
}

function createIndex({ text, metaArgs, stages }: Dockerfile): SourceIndex {
  const starts = [text.startsWith('\uFEFF') ? 1 : 0];
  for (let feed = text.indexOf('\n'); feed !== -1; feed = text.indexOf('\n', feed + 1)) starts.push(feed + 1);
  const instructions: readonly AnyInstruction[] = [
    ...metaArgs,
    ...stages.flatMap(({ from, instructions: own }) => [from, ...own]),
  ];
  return {
    startOf: (line) => starts[line - 1] ?? text.length,
    placeOf(offset) {
      const line = countUpTo(starts, (start) => start <= offset);
      return [line, offset - (starts[line - 1] ?? 0) + 1];
    },
    instructionAt(line) {
      const found = instructions[countUpTo(instructions, ({ location }) => location.line <= line) - 1];
      const last = found?.location.endLine ?? found?.location.line ?? 0;
      return line <= last ? found : undefined;
    },
  };
}

/** How many elements at the front have a property that no later one has. */
export function countUpTo<T>(items: readonly T[], holds: (item: T) => boolean): number {
  let low = 0;
  let high = items.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const item = items[middle];
    if (item !== undefined && holds(item)) low = middle + 1;
    else high = middle;
  }
  return low;
}
