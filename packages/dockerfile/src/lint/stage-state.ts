import type { Stage } from '../dockerfile.ts';
import type { Instruction } from '../instructions/instruction.ts';
import type { LintOptions } from './lint-dockerfile.ts';

/** What the checks of a stage know at a line; a stage that builds on another one begins with its state. */
export interface StageState {
  /** Variables that are set; undefined where those of the base are not known. */
  readonly env: Map<string, string> | undefined;
  /** ARGs, with a value or without. */
  readonly declared: Set<string>;
  hasWorkdir: boolean;
  hasShell: boolean;
  /** The last CMD, ENTRYPOINT and HEALTHCHECK of this stage. */
  readonly last: Map<string, Instruction>;
}

export function openStageState(
  stage: Stage,
  scope: {
    readonly base: string;
    readonly earlier: ReadonlyMap<string, StageState>;
    readonly options: LintOptions;
  },
): StageState {
  const parent = scope.earlier.get(scope.base);
  const given = scope.options.baseEnvironments?.get(stage.index);
  const base =
    parent?.env ??
    given ??
    (scope.base === 'scratch' && parent === undefined ? new Map<string, string>() : undefined);
  return {
    env: base && new Map([['PATH', ''], ...base]),
    declared: new Set(parent?.declared),
    hasWorkdir: parent?.hasWorkdir ?? false,
    hasShell: parent?.hasShell ?? false,
    last: new Map(),
  };
}
