import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import type { Command, Option } from 'commander';
import { exitCodeMeanings, exitCodes } from '../packages/cli/src/exit-code.ts';
import { createProgram } from '../packages/cli/src/program.ts';
import { type ErrorKind, errorCatalog } from '../packages/core/src/index.ts';

const notice = '<!-- Made by scripts/generate-reference.ts from the code. Do not edit. -->';

/** The pages under docs/reference by name, as they have to be. */
export function renderReference(): Readonly<Record<string, string>> {
  return { 'cli.md': renderCommands(), 'errors.md': renderErrors() };
}

function renderCommands(): string {
  const program = createProgram({
    env: {},
    cwd: '/',
    uid: 0,
    stdin: Readable.from([]),
    stdout: new PassThrough(),
    stderr: new PassThrough(),
    signal: new AbortController().signal,
    clock: () => 0,
    version: '',
    self: [],
    args: [],
    exitCode: 0,
  });
  const sections = listCommands(program).map(renderCommand);
  return `${notice}\n\n# Command line\n\n${sections.join('\n')}`;
}

function listCommands(command: Command): Command[] {
  const own = command.commands.length === 0 || command.options.length > 0 ? [command] : [];
  return [...own, ...command.commands.flatMap(listCommands)];
}

function renderCommand(command: Command): string {
  const names: string[] = [];
  for (let at: Command | null = command; at !== null; at = at.parent) names.unshift(at.name());
  const usage = [
    ...names,
    ...(command.options.length > 0 ? ['[options]'] : []),
    ...command.registeredArguments.map((argument) =>
      argument.required ? `<${argument.name()}>` : `[${argument.name()}]`,
    ),
    ...(command.commands.length > 0 ? ['<command>'] : []),
  ];
  const options = command.options.filter((option) => !option.hidden);
  const table =
    options.length === 0 ? '' : `\n| flag | meaning |\n|---|---|\n${options.map(renderOption).join('\n')}\n`;
  return `## ${names.join(' ')}\n\n${sentence(command.description())}\n\n\`\`\`\n${usage.join(' ')}\n\`\`\`\n${table}`;
}

function renderOption(option: Option): string {
  const choices =
    option.argChoices === undefined ? '' : ` One of ${option.argChoices.map((c) => `\`${c}\``).join(', ')}.`;
  const fallback = typeof option.defaultValue === 'string' ? ` Default: \`${option.defaultValue}\`.` : '';
  return `| \`${option.flags}\` | ${cell(sentence(option.description) + choices + fallback)} |`;
}

function renderErrors(): string {
  const kinds = Object.keys(exitCodes) as ErrorKind[];
  const codes = kinds.map((kind) => `| ${exitCodes[kind]} | \`${kind}\` | ${cell(exitCodeMeanings[kind])} |`);
  const sections = kinds.map((kind) => {
    const rows = Object.entries(errorCatalog)
      .filter(([, entry]) => entry.kind === kind)
      .map(
        ([code, { title, remedy, retryable }]) =>
          `| \`${code}\` | ${cell(title)}${retryable ? ' (may pass when tried again)' : ''} | ${cell(remedy)} |`,
      );
    return `## ${kind}\n\n| code | what it means | what to do |\n|---|---|---|\n${rows.join('\n')}\n`;
  });
  return `${notice}

# Exit codes and error codes

An error is printed as its code, a message, the place in a file where there is one, and a hint. Codes never change their
meaning, so scripts can rely on them; messages may change. \`--progress=json\` gives the same error in the last event,
\`build.finished\`.

| exit code | kind | meaning |
|---|---|---|
| 0 | | it worked |
${codes.join('\n')}

${sections.join('\n')}`;
}

function sentence(text: string): string {
  const first = /^\w+=/.test(text) ? text : text.charAt(0).toUpperCase() + text.slice(1);
  return first.endsWith('.') ? first : `${first}.`;
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const folder = fileURLToPath(new URL('../docs/reference', import.meta.url));
  for (const [name, text] of Object.entries(renderReference())) writeFileSync(join(folder, name), text);
}
