import { dockerRules } from './docker-rules.ts';
import { practiceRules } from './practice-rules.ts';
import type { LintRule } from './rule.ts';

export type { LintExample, LintRule, LintSeverity } from './rule.ts';

export type LintRuleName = keyof typeof dockerRules | keyof typeof practiceRules;

/** Every check by its name. */
export const lintRules: Readonly<Record<LintRuleName, LintRule>> = { ...dockerRules, ...practiceRules };

export const lintRuleNames = Object.keys(lintRules) as readonly LintRuleName[];

/** Whether it is one of Docker's own checks, which every build looks at. */
export function isDockerRule(name: LintRuleName): boolean {
  return Object.hasOwn(dockerRules, name);
}

/** Page of a rule, from the top of the project. */
export function lintRulePage(name: LintRuleName): string {
  return `docs/lint/${name}.md`;
}
