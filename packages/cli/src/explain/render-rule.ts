import {
  isDockerRule,
  type LintRuleName,
  lintRuleNames,
  lintRulePage,
  lintRules,
} from '@onebuild/dockerfile';
import { wrapText } from '../help/command-notes.ts';

/** A page about one lint rule, in at most `columns` columns. */
export function renderRule(name: LintRuleName, columns: number): string[] {
  const { title, doc, severity, instructions, fixable, experimental, bad, good } = lintRules[name];
  const example = (source: typeof bad): string[] =>
    typeof source === 'string'
      ? source
          .trimEnd()
          .split('\n')
          .map((line) => `  ${line}`)
      : Object.entries(source).flatMap(([file, text]) => [
          `  # ${file}`,
          ...text
            .trimEnd()
            .split('\n')
            .map((line) => `  ${line}`),
        ]);
  const where = instructions.length === 0 ? 'all instructions' : instructions.join(', ');
  return [
    `${name}: ${title}.`,
    '',
    `Lint rule, severity ${severity}; looks at ${where}.${experimental ? ' Off, unless it is asked for.' : ''}${fixable ? ' `onebuild lint --fix` corrects it.' : ''}`,
    '',
    ...wrapText(doc, columns),
    '',
    'Not so:',
    ...example(bad),
    '',
    'But so:',
    ...example(good),
    '',
    `More: ${lintRulePage(name)}`,
  ];
}

/** All rules with their titles: those of Docker's own checks, then the others. */
export function renderRules(): string[] {
  const width = Math.max(...lintRuleNames.map((name) => name.length));
  const list = (isOwn: boolean): string[] =>
    lintRuleNames
      .filter((name) => isDockerRule(name) === isOwn)
      .map((name) => `  ${name.padEnd(width)}  ${lintRules[name].title}`);
  return ["lint rules of Docker's build checks", ...list(true), '', 'lint rules beyond them', ...list(false)];
}
