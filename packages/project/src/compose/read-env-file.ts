import { withLocation } from '@onebuild/core';
import { faultAt, locateOffset, type TextFile } from '../text-file.ts';
import { interpolateCompose, type Lookup } from './interpolate-compose.ts';

/**
 * Reads `.env`: `NAME=value` lines, quotes, comments, `export`. Values may use earlier ones and `outer`, which wins.
 * @throws PROJECT_PARSE, PROJECT_EXPANSION
 */
export function readEnvFile(file: TextFile, outer: Lookup): ReadonlyMap<string, string> {
  const values = new Map<string, string>();
  const lookup: Lookup = (name) => outer(name) ?? values.get(name);
  const line =
    /[^\S\n]*(?:export[^\S\n]+)?([\w.-]+)[^\S\n]*[=:][^\S\n]*(?:'([^']*)'|"((?:[^"\\]|\\[^])*)"|([^\n]*))[^\n]*(?:\n|$)|[^\S\n]*(?:#[^\n]*)?(?:\n|$)/y;
  while (line.lastIndex < file.text.length) {
    const start = line.lastIndex;
    const found = line.exec(file.text);
    if (found === null) {
      throw faultAt(
        file,
        { start },
        { code: 'PROJECT_PARSE', message: 'a line is not written as NAME=value' },
      );
    }
    const [, name, single, double, bare] = found;
    if (name === undefined) continue;
    const raw = single ?? (double === undefined ? cutComment(bare ?? '') : unescape(double));
    try {
      values.set(name, single === undefined ? interpolateCompose(raw, lookup) : raw);
    } catch (error) {
      throw withLocation(error, locateOffset(file, start));
    }
  }
  return values;
}

function cutComment(text: string): string {
  const at = text.search(/(?:^|\s)#/);
  return (at === -1 ? text : text.slice(0, at)).trim();
}

function unescape(text: string): string {
  const letters: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t' };
  return text.replace(/\\([^])/g, (whole: string, char: string) =>
    char === '"' || char === '\\' ? char : (letters[char] ?? whole),
  );
}
