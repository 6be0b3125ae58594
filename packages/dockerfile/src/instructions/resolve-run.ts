import { isFault } from '@onebuild/core';
import { chompTabs, type Heredoc, parseHeredoc } from '../parser/heredoc.ts';
import type { RunInstruction } from './instruction.ts';

/** What a RUN starts. */
export interface ResolvedRun {
  readonly args: readonly string[];
  /** A heredoc that begins with `#!`: a file (mode 0755) that has to be at `path`, read-only, while it runs, and not afterwards. */
  readonly script?: { readonly path: string; readonly content: string };
}

/**
 * Puts the shell before a shell form and takes heredocs in; `shell` is the one of the stage, `['/bin/sh', '-c']` where nobody set it. Where
 * the whole command is one heredoc, its body is the script; else the shell gets line and bodies as they were written.
 */
export function resolveRun(instruction: RunInstruction, shell: readonly string[]): ResolvedRun {
  const { command, heredocs } = instruction;
  if (command.form === 'exec') return { args: command.args };
  const [first] = heredocs;
  if (first === undefined) return { args: [...shell, command.line] };
  if (!isOneHeredoc(command.line)) return { args: [...shell, joinHeredocs(command.line, heredocs)] };
  const content = first.chomp ? chompTabs(first.content) : first.content;
  if (!content.startsWith('#!')) return { args: [...shell, content] };
  const path = `/dev/pipes/${first.name}`;
  return { args: [...shell, path], script: { path, content } };
}

function isOneHeredoc(line: string): boolean {
  try {
    return parseHeredoc(line) !== undefined;
  } catch (error) {
    if (isFault(error)) return false;
    throw error;
  }
}

function joinHeredocs(line: string, heredocs: readonly Heredoc[]): string {
  return line + heredocs.map(({ content, name }) => `\n${content}${name}`).join('');
}
