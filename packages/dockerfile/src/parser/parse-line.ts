import { fault } from '@onebuild/core';
import type { EscapeCharacter } from '../lexer/directive-reader.ts';
import type { PlacelessNode } from './node.ts';
import { parseArguments } from './parse-arguments.ts';
import { splitCommand } from './split-command.ts';

const deepestOnbuild = 10;

/**
 * Reads the text of one instruction.
 * @throws DOCKERFILE_PARSE without location
 */
export function parseLine(line: string, escape: EscapeCharacter, depth = 0): PlacelessNode {
  const { keyword, flags, rest } = splitCommand(line, escape);
  if (keyword.toLowerCase() === 'onbuild' && rest !== '') {
    if (depth > deepestOnbuild) throw fault('DOCKERFILE_PARSE', 'ONBUILD is nested too deeply');
    return {
      keyword,
      flags,
      args: [],
      json: false,
      child: parseLine(rest, escape, depth + 1),
      original: line,
    };
  }
  return { keyword, flags, ...parseArguments(keyword, rest, escape), original: line };
}
