import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { PassThrough, Readable } from 'node:stream';
import { describe, it, test } from 'node:test';
import type { Command } from 'commander';
import type { CliContext } from '../cli-context.ts';
import { collectOutputs } from '../commands/build/collect-outputs.ts';
import { textWidth } from '../display/text-width.ts';
import { createProgram } from '../program.ts';
import { spellBooleanFlags } from '../spell-boolean-flags.ts';
import { notesOf } from './command-notes.ts';

function createContext(columns: number): CliContext & { readonly printed: () => string } {
  const stdout = Object.assign(new PassThrough(), { columns });
  return {
    env: {},
    cwd: '/',
    uid: 0,
    stdin: Readable.from([]),
    stdout,
    stderr: new PassThrough(),
    signal: new AbortController().signal,
    clock: () => 0,
    version: '1.2.3',
    self: [],
    args: [],
    exitCode: 0,
    printed: () => String(stdout.read() ?? ''),
  };
}

function listCommands(command: Command): Command[] {
  return [command, ...command.commands.flatMap(listCommands)];
}

/** Words of `onebuild ...` in an example, as a shell would pass them on. */
function argumentsOf(line: string): string[] {
  const own = /onebuild((?: [^\s|<>)]+)+)/.exec(line)?.[1] ?? '';
  return own.trim().split(/\s+/);
}

const top = new URL('../../../../', import.meta.url);
const names = listCommands(createProgram(createContext(80))).map((command) => {
  const words: string[] = [];
  for (let at = command; at.parent !== null; at = at.parent) words.unshift(at.name());
  return words;
});

/** The program, and the command that the words name. */
function find(words: readonly string[], columns = 80) {
  const context = createContext(columns);
  const program = createProgram(context);
  let command = program;
  for (const word of words) command = command.commands.find((child) => child.name() === word) ?? program;
  return { program, command, context };
}

test('build is the same where no other command is defined', () => {
  const context = createContext(80);
  const [whole, alone] = [createProgram(context), createProgram(context, 'build')].map((program) =>
    program.commands.find((command) => command.name() === 'build')?.helpInformation(),
  );
  assert.ok(whole !== undefined);
  assert.equal(alone, whole);
});

describe('help of every command', () => {
  for (const words of names) {
    it(['onebuild', ...words].join(' '), async () => {
      for (const columns of [0, 80, 200]) {
        const { command, context } = find(words, columns);
        command.outputHelp();
        const text = context.printed();
        assert.match(text, /^Usage: onebuild .*\n\n[A-Z][^]*\.\n/);
        assert.match(text, /\nExamples:\n {2}# [^]*\n\nSee also:\n {2}\S/);
        assert.doesNotMatch(text, /default: \[|undefined/);
        for (const line of text.split('\n')) assert.ok(textWidth(line) <= (columns === 200 ? 100 : 80), line);
      }
      const { command } = find(words);
      const notes = notesOf(command);
      assert.ok(notes !== undefined && notes.examples.length >= 2, 'two examples');
      for (const page of notes.see.join(' ').match(/[\w/-]+\.md/g) ?? [])
        assert.ok(existsSync(new URL(page, top)), page);
      for (const [, other] of notes.see.join('\n').matchAll(/^onebuild help ([a-z]+(?: [a-z]+)*)/gm)) {
        assert.ok(
          names.some((name) => name.join(' ') === other),
          other,
        );
      }
      for (const { line } of notes.examples) await parses(line);
    });
  }
});

/** The real parser takes the line, all flags have the form that they need. */
async function parses(line: string): Promise<void> {
  const { program, context } = find([]);
  let ran: Command | undefined;
  for (const command of listCommands(program)) {
    command.action(() => {
      ran = command;
    });
  }
  const args = argumentsOf(line);
  if (args[0] === '--version') return;
  await program.parseAsync(spellBooleanFlags(args, program), { from: 'user' });
  assert.ok(ran !== undefined && ran !== program, line);
  if (ran.name() !== 'build') return;
  const { output = [], push, load } = ran.opts<{ output?: string[]; push?: boolean; load?: boolean }>();
  const tag = { registry: 'registry.example.com', repository: 'app', tag: '1' };
  const flags = { output, ...(push && { push }), ...(load && { load }) };
  const surroundings = { cwd: '/', tags: [tag], stdout: context.stdout, warn: assert.fail };
  assert.ok(collectOutputs(flags, surroundings).outputs.length > 0, line);
}
