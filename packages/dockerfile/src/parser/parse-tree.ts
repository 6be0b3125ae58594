import { fault, OneBuildError } from '@onebuild/core';
import type { Directives, EscapeCharacter } from '../lexer/directive-reader.ts';
import { createDirectiveReader, type DirectiveReader } from '../lexer/directive-reader.ts';
import { type LineCursor, nextLine, openLines, trimLineBreak } from '../lexer/line-cursor.ts';
import { type LogicalLine, nextLogicalLine } from '../lexer/logical-line.ts';
import { findHeredocs, type Heredoc } from './heredoc.ts';
import type { Node, PlacelessNode } from './node.ts';
import { parseLine } from './parse-line.ts';

/** A Dockerfile as its lines say it. */
export interface Tree {
  readonly directives: Directives;
  readonly escape: EscapeCharacter;
  /** At least one. */
  readonly nodes: readonly Node[];
  /** Line numbers where a continuation goes on over a blank line. */
  readonly blankContinuations: readonly number[];
}

/**
 * Parses text into nodes, one an instruction.
 * @throws DOCKERFILE_PARSE with file and line
 */
export function parseTree(text: string, name: string): Tree {
  const cursor = openLines(text, name);
  const directives = createDirectiveReader();
  const nodes: Node[] = [];
  const blankContinuations: number[] = [];
  for (;;) {
    const line = nextLogicalLine(cursor, directives);
    if (line === undefined) break;
    if (line.blankContinuation !== undefined) blankContinuations.push(line.blankContinuation);
    const node = parseNode(cursor, line, directives.escape);
    if (node !== undefined) nodes.push(node);
  }
  if (nodes.length === 0) {
    throw fault('DOCKERFILE_PARSE', `${name} has no instructions`, {
      location: { file: name, line: Math.max(1, cursor.line) },
      hint: 'A Dockerfile begins with FROM.',
    });
  }
  return { directives: collectDirectives(directives), escape: directives.escape, nodes, blankContinuations };
}

function parseNode(cursor: LineCursor, line: LogicalLine, escape: EscapeCharacter): Node | undefined {
  const { startLine, column, comments } = line;
  try {
    const node = parseLine(line.text, escape);
    const heredocs = readHeredocs(cursor, node, line);
    return { ...node, heredocs, startLine, endLine: cursor.line, column, comments };
  } catch (error) {
    if (!(error instanceof OneBuildError) || error.location !== undefined) throw error;
    throw fault('DOCKERFILE_PARSE', error.message, {
      hint: error.hint,
      location: { file: cursor.name, line: startLine, endLine: line.endLine, column },
    });
  }
}

function readHeredocs(cursor: LineCursor, node: PlacelessNode, line: LogicalLine): readonly Heredoc[] {
  if (!mayHaveHeredocs(node) || !line.text.includes('<<')) return [];
  return findHeredocs(line.text).map((heredoc) => ({ ...heredoc, content: readBody(cursor, heredoc) }));
}

function mayHaveHeredocs(node: PlacelessNode): boolean {
  const inner = node.keyword.toLowerCase() === 'onbuild' ? (node.child ?? node) : node;
  return ['run', 'copy', 'add'].includes(inner.keyword.toLowerCase()) && !inner.json;
}

function readBody(cursor: LineCursor, heredoc: Omit<Heredoc, 'content'>): string {
  const start = cursor.offset;
  for (;;) {
    const end = cursor.offset;
    const raw = nextLine(cursor);
    if (raw === undefined) {
      throw fault('DOCKERFILE_PARSE', `the heredoc ${heredoc.name} is not closed`, {
        hint: `Put a line that holds ${heredoc.name} alone behind it.`,
      });
    }
    const line = trimLineBreak(raw);
    if ((heredoc.chomp ? line.replace(/^\t+/, '') : line) === heredoc.name)
      return cursor.text.slice(start, end);
  }
}

function collectDirectives(reader: DirectiveReader): Directives {
  const syntax = reader.values.get('syntax');
  const check = reader.values.get('check');
  return {
    ...(syntax !== undefined && { syntax }),
    ...(reader.values.has('escape') && { escape: reader.escape }),
    ...(check !== undefined && { check }),
  };
}
