import type { SourceLocation } from '@onebuild/core';
import type { Dockerfile } from '../dockerfile.ts';
import type { IgnoreMatcher } from '../ignore/pattern-matcher.ts';
import type { InstructionBase } from '../instructions/instruction.ts';
import { checkBases } from './check-bases.ts';
import { isChecked, readCheckConfig, withComments } from './check-config.ts';
import { checkNames } from './check-names.ts';
import { checkPractice } from './check-practice.ts';
import { checkStages } from './check-stages.ts';
import type { LintRuleName } from './rules.ts';

export interface LintWarning {
  readonly rule: LintRuleName;
  readonly message: string;
  /** Without snippet; `locate` draws it. */
  readonly location: SourceLocation;
}

export interface LintOptions {
  readonly buildArgs?: Readonly<Record<string, string>>;
  /** Lets COPY and ADD of ignored files be found. */
  readonly ignore?: IgnoreMatcher;
  /**
   * Environment of the image a stage begins with, by the stage's index. Variables are only looked at in stages where it is known: here, from
   * `scratch`, or from another stage of which it is known.
   */
  readonly baseEnvironments?: ReadonlyMap<number, ReadonlyMap<string, string>>;
  /** Indexes of the stages that are built; instructions of others are not looked at. undefined: all. */
  readonly stages?: ReadonlySet<number>;
  /** Looks also at the rules that are not Docker's. */
  readonly practice?: boolean;
  /** Experimental rules that are on although the Dockerfile does not name them. */
  readonly experimental?: ReadonlySet<string>;
}

/** What a check calls. */
export type Report = (rule: LintRuleName, message: string, instruction: InstructionBase) => void;

/**
 * What is legal but likely wrong, in the order of the text. `# check=skip=...` is honoured, at the top and above single instructions.
 * @throws DOCKERFILE_PARSE for a check directive that cannot be read
 */
export function lintDockerfile(dockerfile: Dockerfile, options: LintOptions = {}): readonly LintWarning[] {
  const written = readCheckConfig(dockerfile);
  const { experimental } = options;
  const isAll = written.experimental === 'all' || experimental === undefined;
  const config = isAll ? written : { ...written, experimental: written.experimental.union(experimental) };
  const warnings: LintWarning[] = dockerfile.warnings.filter(({ rule }) => isChecked(config, rule));
  const report: Report = (rule, message, { location, comments }) => {
    if (isChecked(withComments(config, comments), rule)) warnings.push({ rule, message, location });
  };
  checkNames(dockerfile, report);
  checkBases(dockerfile, options, report);
  checkStages(dockerfile, options, report);
  if (options.practice === true) checkPractice(dockerfile, options, report);
  return warnings.toSorted((a, b) => a.location.line - b.location.line);
}
