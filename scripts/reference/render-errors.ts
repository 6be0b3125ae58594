import { readFileSync } from 'node:fs';
import { exitCodeMeanings, exitCodes } from '../../packages/cli/src/exit-code.ts';
import { causes } from '../../packages/cli/src/explain/render-explanation.ts';
import {
  type CatalogEntry,
  type ErrorCode,
  type ErrorKind,
  errorCatalog,
} from '../../packages/core/src/index.ts';
import { notice } from './notice.ts';

interface PrintedExample {
  readonly command: string;
  readonly output: string;
}

const kinds = Object.keys(exitCodes) as ErrorKind[];

/** Pages of docs/errors by name: one for each kind, and the index. */
export function renderErrors(): Readonly<Record<string, string>> {
  const examples = JSON.parse(
    readFileSync(new URL('../../docs/errors/examples.json', import.meta.url), 'utf8'),
  ) as Partial<Record<ErrorCode, PrintedExample>>;
  const pages = kinds.map((kind) => [`${kind}.md`, renderKind(kind, examples)] as const);
  return { 'README.md': renderIndex(), ...Object.fromEntries(pages) };
}

function entriesOf(kind: ErrorKind): readonly (readonly [ErrorCode, CatalogEntry])[] {
  return (Object.entries(errorCatalog) as [ErrorCode, CatalogEntry][]).filter(
    ([, entry]) => entry.kind === kind,
  );
}

function renderIndex(): string {
  const codes = kinds.map(
    (kind) => `| ${exitCodes[kind]} | [\`${kind}\`](${kind}.md) | ${cell(exitCodeMeanings[kind])} |`,
  );
  const lists = kinds.map((kind) => {
    const rows = entriesOf(kind).map(
      ([code, { title }]) => `| [\`${code}\`](${kind}.md#${code.toLowerCase()}) | ${cell(title)} |`,
    );
    return `| ${kind} | |\n|---|---|\n${rows.join('\n')}\n`;
  });
  return `${notice}

# Errors

An error is printed as its code, a message, the place in a file where there is one, and a hint:

\`\`\`
error DOCKERFILE_INSTRUCTION: unknown instruction RNU, did you mean RUN?
  --> Dockerfile:2:1
     1 |     FROM debian:12
     2 | >>> RNU apt-get update
  hint: Write RUN.
\`\`\`

\`onebuild explain CODE\` says on the spot, without a network, what the page of a code says here. Codes never change their
meaning, so scripts can rely on them; messages may change. \`--progress=json\` gives the same error in the last event,
\`build.finished\`. \`--debug\` adds where in the code the error was made.

## Exit codes

| exit code | kind | meaning |
|---|---|---|
| 0 | | it worked |
${codes.join('\n')}

## All codes

${lists.join('\n')}`;
}

function renderKind(kind: ErrorKind, examples: Partial<Record<ErrorCode, PrintedExample>>): string {
  const meaning = exitCodeMeanings[kind];
  const sections = entriesOf(kind).map(([code, entry]) => renderCode(code, entry, examples[code]));
  return `${notice}

# Errors: ${kind}

Exit code ${exitCodes[kind]}: ${meaning}. [All errors](README.md)

${sections.join('\n')}`;
}

function renderCode(
  code: ErrorCode,
  { title, remedy, retryable }: CatalogEntry,
  example?: PrintedExample,
): string {
  const printed =
    example === undefined ? '' : `\n\`\`\`console\n$ ${example.command}\n${example.output}\n\`\`\`\n`;
  return `## ${code}

${title}.${retryable ? ' It may pass when tried again.' : ''}
${printed}
What causes it:

${causes[code].map((cause) => `- ${outsideCode(cause)}`).join('\n')}

What to do: ${outsideCode(remedy)}
`;
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|');
}

function outsideCode(text: string): string {
  return text.replace(/(?<!`[^`]*)\*/g, '\\*');
}
