import type { SourceLocation } from '@onebuild/core';
import type { ArgInstruction, FromInstruction, Instruction } from './instructions/instruction.ts';
import type { Directives, EscapeCharacter } from './lexer/directive-reader.ts';

/** A whole Dockerfile, read. It can stand as the options of `expandInstruction` and `locate`. */
export interface Dockerfile {
  /** As errors name it. */
  readonly name: string;
  readonly text: string;
  /** The escape character in force. */
  readonly escape: EscapeCharacter;
  readonly directives: Directives;
  /** ARG before the first FROM. */
  readonly metaArgs: readonly ArgInstruction[];
  /** At least one. */
  readonly stages: readonly Stage[];
  readonly warnings: readonly ParseWarning[];
}

export interface Stage {
  /** From 0. */
  readonly index: number;
  /** Lower case; two stages may have one name, the later one wins for those after it. */
  readonly name?: string;
  /** Image, stage or `scratch`, before expansion. */
  readonly base: string;
  /** Before expansion. */
  readonly platform?: string;
  readonly location: SourceLocation;
  readonly from: FromInstruction;
  readonly instructions: readonly Instruction[];
}

/** What the parser lets pass, though it should not be there. `rule` is one of the lint rules. */
export interface ParseWarning {
  readonly rule: 'NoEmptyContinuation';
  readonly message: string;
  readonly location: SourceLocation;
}
