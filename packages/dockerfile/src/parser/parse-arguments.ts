import { fault } from '@onebuild/core';
import type { EscapeCharacter } from '../lexer/directive-reader.ts';
import { isAsciiSpace, splitAtGap, trimStart, wordGap } from '../lexer/white-space.ts';
import { splitWords } from './split-words.ts';

/** The arguments of one instruction, split by the rules of its keyword. */
export interface Arguments {
  readonly args: readonly string[];
  readonly json: boolean;
}

type Split = (text: string, escape: EscapeCharacter, keyword: string) => Arguments;

const plain = (args: readonly string[]): Arguments => ({ args, json: false });

const whole: Split = (text) => plain(text === '' ? [] : [text]);

const byWhiteSpace: Split = (text) => plain(text === '' ? [] : text.split(wordGap));

const byQuotedWords: Split = (text, escape) => plain(splitWords(text, escape));

const jsonOrWhole: Split = (text, escape, keyword) => parseJsonForm(text) ?? whole(text, escape, keyword);

const jsonOrWords: Split = (text, escape, keyword) =>
  parseJsonForm(text) ?? byWhiteSpace(text, escape, keyword);

const pairs: Split = (text, escape, keyword) => {
  const words = splitWords(text, escape);
  const [first] = words;
  if (first === undefined) return plain([]);
  if (!first.includes('=')) {
    const parts = splitAtGap(text);
    if (parts === undefined) throw fault('DOCKERFILE_PARSE', `${keyword} must have a name and a value`);
    return plain([parts[0], parts[1], '']);
  }
  return plain(
    words.flatMap((word) => {
      const equals = word.indexOf('=');
      if (equals === -1) {
        throw fault('DOCKERFILE_PARSE', `there is no = in ${JSON.stringify(word)}`, {
          hint: `Write ${keyword} name=value; quote a value with spaces.`,
        });
      }
      return [word.slice(0, equals), word.slice(equals + 1), '='];
    }),
  );
};

/** `HEALTHCHECK CMD ...`: a word, then text or JSON. */
const typeAndJson: Split = (text) => {
  let end = 0;
  while (end < text.length && !isAsciiSpace(text.charAt(end))) end++;
  if (end === 0) return plain([]);
  const rest = trimStart(text.slice(end));
  const parsed = parseJsonForm(rest) ?? plain(rest === '' ? [] : [rest]);
  return { args: [text.slice(0, end), ...parsed.args], json: parsed.json };
};

const splits: Readonly<Record<string, Split>> = {
  add: jsonOrWords,
  arg: byQuotedWords,
  cmd: jsonOrWhole,
  copy: jsonOrWords,
  entrypoint: jsonOrWhole,
  env: pairs,
  expose: byWhiteSpace,
  from: byWhiteSpace,
  healthcheck: typeAndJson,
  label: pairs,
  maintainer: whole,
  onbuild: whole,
  run: jsonOrWhole,
  shell: jsonOrWhole,
  stopsignal: whole,
  user: whole,
  volume: jsonOrWords,
  workdir: whole,
};

/**
 * Splits the text behind an instruction's flags. Unknown keywords keep one empty word: the instructions room refuses them with a better message.
 * @throws DOCKERFILE_PARSE
 */
export function parseArguments(keyword: string, text: string, escape: EscapeCharacter): Arguments {
  const name = keyword.toLowerCase();
  const split = Object.hasOwn(splits, name) ? splits[name] : undefined;
  return split?.(text, escape, keyword.toUpperCase()) ?? plain(['']);
}

/** undefined: not JSON at all, so it is shell form. An array of anything but strings is an error, as it can't be meant as a command. */
function parseJsonForm(text: string): Arguments | undefined {
  const json = trimStart(text);
  if (!json.startsWith('[')) return undefined;
  let values: unknown;
  try {
    values = JSON.parse(json);
  } catch {
    return undefined;
  }
  if (!Array.isArray(values)) return undefined;
  const args = values.filter((value) => typeof value === 'string');
  if (args.length !== values.length) {
    throw fault('DOCKERFILE_PARSE', 'a JSON array may only hold strings here', {
      hint: 'Put every element in double quotes.',
    });
  }
  return { args, json: true };
}
