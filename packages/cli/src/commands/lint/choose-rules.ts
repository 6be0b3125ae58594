import { fault, suggest } from '@onebuild/core';
import { type LintRuleName, lintRuleNames, lintRules } from '@onebuild/dockerfile';

export interface RuleChoice {
  readonly wants: (rule: string) => boolean;
  /** Experimental rules that were named. */
  readonly experimental: ReadonlySet<string>;
}

/**
 * Which rules `--rule` and `--skip` leave; both take names with commas between, in any case.
 * @throws USAGE for a rule that is not there
 */
export function chooseRules(only: readonly string[], skip: readonly string[]): RuleChoice {
  const wanted = new Set<string>(readNames(only, '--rule'));
  const unwanted = new Set<string>(readNames(skip, '--skip'));
  return {
    wants: (rule) =>
      !unwanted.has(rule) && (wanted.size === 0 || wanted.has(rule) || !Object.hasOwn(lintRules, rule)),
    experimental: new Set(
      [...wanted].filter((name) => lintRules[name as LintRuleName].experimental === true),
    ),
  };
}

function readNames(values: readonly string[], flag: string): readonly LintRuleName[] {
  const words = values.flatMap((value) => value.split(',')).map((word) => word.trim());
  return words
    .filter((word) => word !== '')
    .map((word) => {
      const rule = lintRuleNames.find((name) => name.toLowerCase() === word.toLowerCase());
      if (rule !== undefined) return rule;
      const close = suggest(word, lintRuleNames);
      throw fault('USAGE', `${flag}: there is no rule ${JSON.stringify(word)}`, {
        hint: close === undefined ? 'docs/lint/README.md lists them.' : `Did you mean ${close}?`,
      });
    });
}
