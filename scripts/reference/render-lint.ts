import {
  isDockerRule,
  type LintExample,
  type LintRuleName,
  lintRuleNames,
  lintRules,
} from '../../packages/dockerfile/src/index.ts';
import { notice } from './notice.ts';

/** Pages of docs/lint by name: one for each rule, and the index. */
export function renderLint(): Readonly<Record<string, string>> {
  const pages = lintRuleNames.map((name) => [`${name}.md`, renderRule(name)] as const);
  return { 'README.md': renderIndex(), ...Object.fromEntries(pages) };
}

function renderIndex(): string {
  const own = lintRuleNames.filter((name) => !isDockerRule(name));
  return `${notice}

# Lint rules

What \`onebuild lint\` looks for; [how to use it](../guide/lint.md). *Error* and *warning* end the command with 1, *note* does not.

## Docker's build checks

These have the names that Docker gave them, and \`onebuild build\` looks at them, too.

${renderTable(lintRuleNames.filter(isDockerRule))}
## From practice

${renderTable(own)}`;
}

function renderTable(names: readonly LintRuleName[]): string {
  const rows = names.map((name) => {
    const { title, severity, fixable, experimental } = lintRules[name];
    const marks = [...(fixable === true ? ['--fix'] : []), ...(experimental === true ? ['off'] : [])];
    return `| [\`${name}\`](${name}.md) | ${title} | ${severity} | ${marks.map((mark) => `\`${mark}\``).join(' ')} |`;
  });
  return `| rule | | severity | |\n|---|---|---|---|\n${rows.join('\n')}\n`;
}

function renderRule(name: LintRuleName): string {
  const { title, doc, severity, instructions, bad, good, fixable, experimental, scope } = lintRules[name];
  const facts = [
    `Severity: ${severity}.`,
    ...(instructions.length > 0 ? [`Looks at ${instructions.join(', ')}.`] : []),
    ...(scope === 'folder' ? ['Compares the Dockerfiles of one folder.'] : []),
    ...(isDockerRule(name) ? ["One of Docker's build checks."] : []),
    ...(fixable === true ? ['`onebuild lint --fix` corrects it where that is safe.'] : []),
    ...(experimental === true
      ? [`Off, unless \`--rule ${name}\` or \`# check=experimental=${name}\` asks for it.`]
      : []),
  ];
  return `${notice}

# ${name}

${title}. [All rules](README.md)

${facts.join(' ')}

${doc}

Not so:

${renderExample(bad)}
But so:

${renderExample(good)}
To leave it out at one place, write \`# check=skip=${name}\` on the line above the instruction; at the top of the file for all of it.
`;
}

function renderExample(example: LintExample): string {
  const files = typeof example === 'string' ? { Dockerfile: example } : example;
  const several = Object.keys(files).length > 1;
  return Object.entries(files)
    .map(([name, text]) => {
      const language = name.endsWith('ignore') ? '' : 'dockerfile';
      return `${several ? `\`${name}\`\n\n` : ''}\`\`\`${language}\n${text}\n\`\`\`\n`;
    })
    .join('\n');
}
