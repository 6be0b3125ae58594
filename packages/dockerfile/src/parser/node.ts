import type { Heredoc } from './heredoc.ts';

/** One instruction as the parser leaves it: split into words by the rules of its keyword, with no meaning given to them yet. */
export interface Node {
  /** As written. */
  readonly keyword: string;
  /** `--name=value` in front of the arguments, quotes removed. */
  readonly flags: readonly string[];
  /** ENV and LABEL have three for each variable: name, value, `=` (or `''` for the form with a space). */
  readonly args: readonly string[];
  /** The arguments were a JSON array of strings. */
  readonly json: boolean;
  /** What ONBUILD holds; its `args` are empty then. */
  readonly child?: PlacelessNode;
  readonly heredocs: readonly Heredoc[];
  /** The whole on one line. */
  readonly original: string;
  readonly startLine: number;
  /** Heredocs included. */
  readonly endLine: number;
  readonly column: number;
  readonly comments: readonly string[];
}

/** A node before it has a place. */
export type PlacelessNode = Omit<Node, 'startLine' | 'endLine' | 'column' | 'comments' | 'heredocs'>;
