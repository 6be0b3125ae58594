import { PassThrough, Readable } from 'node:stream';
import type { Command, Option } from 'commander';
import { type CommandNotes, notesOf } from '../../packages/cli/src/help/command-notes.ts';
import { sentence } from '../../packages/cli/src/help/help-style.ts';
import { createProgram } from '../../packages/cli/src/program.ts';
import { notice } from './notice.ts';

/** docs/reference/cli.md */
export function renderCommands(): string {
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
  const commands = listCommands(program);
  const contents = commands.map((command) => {
    const name = pathOf(command);
    return `| [\`${name}\`](#${name.replaceAll(' ', '-')}) | ${cell(sentence(command.description()))} |`;
  });
  return [
    `${notice}\n\n# Command line`,
    `\n\`onebuild help COMMAND\` prints the same. Exit codes: [Errors](../errors/README.md#exit-codes).`,
    `\n| command | |\n|---|---|\n${contents.join('\n')}\n\n`,
  ]
    .join('\n')
    .concat(commands.map(renderCommand).join('\n'));
}

function listCommands(command: Command): Command[] {
  return [command, ...command.commands.flatMap(listCommands)];
}

function pathOf(command: Command): string {
  const names: string[] = [];
  for (let at: Command | null = command; at !== null; at = at.parent) names.unshift(at.name());
  return names.join(' ');
}

function renderCommand(command: Command): string {
  const usage = [
    pathOf(command),
    ...(command.options.length > 0 ? ['[options]'] : []),
    ...command.registeredArguments.map((argument) => {
      const name = `${argument.name()}${argument.variadic ? '...' : ''}`;
      return argument.required ? `<${name}>` : `[${name}]`;
    }),
    ...(command.commands.length > 0 ? ['<command>'] : []),
  ];
  const notes = notesOf(command);
  return [
    `## ${pathOf(command)}\n\n${sentence(command.description())}\n\n\`\`\`\n${usage.join(' ')}\n\`\`\`\n`,
    ...(notes?.text ?? []).map((text) => `${text}\n`),
    ...renderArguments(command),
    ...renderOptions(command),
    ...(notes === undefined ? [] : renderNotes(notes)),
  ].join('\n');
}

function renderArguments(command: Command): string[] {
  const rows = command.registeredArguments.map(
    (argument) => `| \`${argument.name()}\` | ${describe(argument)} |`,
  );
  return rows.length === 0 ? [] : [`| argument | meaning |\n|---|---|\n${rows.join('\n')}\n`];
}

function renderOptions(command: Command): string[] {
  const groups = Map.groupBy(
    command.options.filter((option) => !option.hidden),
    (option) => option.helpGroupHeading?.replace(/:$/, '') ?? '',
  );
  return [...groups].map(([heading, options]) => {
    const rows = options.map((option) => `| \`${option.flags}\` | ${describe(option)} |`);
    const title = heading === '' ? '' : `**${heading}**\n\n`;
    return `${title}| flag | meaning |\n|---|---|\n${rows.join('\n')}\n`;
  });
}

function renderNotes({ environment = {}, examples, see }: CommandNotes): string[] {
  const variables = Object.entries(environment).map(
    ([name, meaning]) => `| \`${name}\` | ${cell(meaning)} |`,
  );
  const lines = examples.flatMap(({ about, line }) => [`# ${about}`, line]);
  return [
    ...(variables.length === 0 ? [] : [`| environment | meaning |\n|---|---|\n${variables.join('\n')}\n`]),
    `\`\`\`sh\n${lines.join('\n')}\n\`\`\`\n`,
    `See also: ${see.flatMap(linkPlace).join(', ')}\n`,
  ];
}

/** `onebuild help login        why` and `docs/a.md, docs/b.md` as links. */
function linkPlace(place: string): string[] {
  const [words = ''] = place.split(/ {2,}/);
  return words.split(', ').map((word) => {
    if (word.endsWith('.md')) {
      const path = word.startsWith('docs/') ? `../${word.slice('docs/'.length)}` : `../../${word}`;
      return `[${word}](${path})`;
    }
    const command = /^onebuild help ([a-z ]+)$/.exec(word)?.[1];
    return command === undefined
      ? `\`${word}\``
      : `[onebuild ${command}](#onebuild-${command.replaceAll(' ', '-')})`;
  });
}

function describe({
  description,
  argChoices,
  defaultValue,
}: Pick<Option, 'description' | 'argChoices' | 'defaultValue'>): string {
  const choices = argChoices === undefined ? '' : ` One of ${argChoices.map((c) => `\`${c}\``).join(', ')}.`;
  const fallback = typeof defaultValue === 'string' ? ` Default: \`${defaultValue}\`.` : '';
  return cell(sentence(description) + choices + fallback);
}

export function cell(text: string): string {
  return text.replaceAll('|', '\\|').replace(/<([a-z:=-]+)>/g, '`<$1>`');
}
