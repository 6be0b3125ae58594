import { spaceRuns } from '../lexer/white-space.ts';
import { checkLength } from './word-state.ts';

/** Takes the pieces of an expansion and keeps both what they say together and the words they fall into. */
export interface WordCollector {
  readonly pieces: string[];
  readonly words: string[];
  word: string;
  length: number;
}

export function createWordCollector(): WordCollector {
  return { pieces: [], words: [], word: '', length: 0 };
}

/** Text that stays together: it was quoted or escaped. */
export function addWhole(collector: WordCollector, text: string): void {
  push(collector, text);
  collector.word += text;
}

/** Text that white space splits. */
export function addSplit(collector: WordCollector, text: string): void {
  push(collector, text);
  const [first = '', ...others] = text.split(spaceRuns);
  collector.word += first;
  for (const other of others) {
    endWord(collector);
    collector.word = other;
  }
}

export function endWord(collector: WordCollector): void {
  if (collector.word !== '') collector.words.push(collector.word);
  collector.word = '';
}

function push(collector: WordCollector, text: string): void {
  collector.length += text.length;
  checkLength(collector.length);
  collector.pieces.push(text);
}
