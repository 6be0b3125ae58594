import type { OneBuildError } from '@onebuild/core';
import { type Document, isCollection, parseDocument, Scalar, visit } from 'yaml';
import { faultAt, longestFile, type TextFile } from '../text-file.ts';
import { findRange, type KeyOrValue, type YamlPath } from './find-range.ts';

export type { YamlPath };

/** A YAML document: what it says, and where it says it. */
export interface YamlText {
  readonly file: TextFile;
  /** Plain objects, arrays, texts, booleans, null; undefined for an empty document. */
  readonly value: unknown;
  /** A fault at the value of a path, or at its key; at the closest place above where the path leads nowhere. */
  fault(path: YamlPath, problem: YamlProblem): OneBuildError;
}

export interface YamlProblem {
  readonly message: string;
  readonly hint?: string;
  readonly code?: OneBuildError['code'];
  /** Default: the value. */
  readonly at?: KeyOrValue;
}

export interface ReadYamlOptions {
  /** Numbers come as the text that was written: `1.20` is not `1.2`. */
  readonly numbersAsText?: boolean;
  /** `<<` merges maps, as in YAML 1.1. */
  readonly merge?: boolean;
}

/**
 * Reads one YAML 1.2 document; JSON is YAML, too.
 * @throws PROJECT_PARSE
 */
export function readYaml(file: TextFile, options: ReadYamlOptions = {}): YamlText {
  if (file.text.length > longestFile) {
    throw faultAt(
      { ...file, text: '' },
      { start: 0 },
      {
        code: 'PROJECT_PARSE',
        message: `${file.name} is longer than ${longestFile / 2 ** 20} Mi characters`,
      },
    );
  }
  const document = parse(file, options);
  checkKeys(file, document);
  if (options.numbersAsText) writeNumbersAsText(document);
  return {
    file,
    value: toValue(file, document),
    fault: (path, { at = 'value', ...problem }) => faultAt(file, findRange(document, path, at), problem),
  };
}

function parse(file: TextFile, { merge = false }: ReadYamlOptions): Document {
  const document = deeply(file, () =>
    parseDocument(file.text, { prettyErrors: false, logLevel: 'error', merge }),
  );
  const [error] = document.errors;
  if (error === undefined) return document;
  const [start, end] = error.pos;
  throw faultAt(
    file,
    { start, end: Math.max(start, end) },
    {
      code: 'PROJECT_PARSE',
      message: describeParseError(error.code, error.message),
      hint: parseHints[error.code] ?? 'Correct the line that the message shows.',
    },
  );
}

const parseHints: Readonly<Record<string, string>> = {
  DUPLICATE_KEY: 'Leave one of the two out.',
  TAB_AS_INDENT: 'Indent with spaces.',
  MULTIPLE_DOCS: 'Leave out what follows `---`.',
  BAD_INDENT: 'Lines of one map or list begin in the same column.',
};

function describeParseError(code: string, message: string): string {
  if (code === 'DUPLICATE_KEY') return 'a key is written twice';
  if (code === 'MULTIPLE_DOCS') return 'the file has more than one document';
  if (code === 'TAB_AS_INDENT') return 'a tab indents the line';
  return message.charAt(0).toLowerCase() + message.slice(1);
}

/** Maps and lists can be keys in YAML, and mean nothing here. */
function checkKeys(file: TextFile, document: Document): void {
  visit(document, {
    Pair(_key, { key }) {
      if (!isCollection(key)) return;
      const [start = 0, end] = key.range ?? [];
      throw faultAt(
        file,
        { start, ...(end !== undefined && { end }) },
        { code: 'PROJECT_PARSE', message: 'a key is a map or a list', hint: 'Put the key in quotes.' },
      );
    },
  });
}

function writeNumbersAsText(document: Document): void {
  visit(document, {
    Scalar(_key, node) {
      if (typeof node.value === 'number' && node.source !== undefined) node.value = node.source;
    },
  });
}

function toValue(file: TextFile, document: Document): unknown {
  if (document.contents === null) return undefined;
  if (document.contents instanceof Scalar && document.contents.value === null) return undefined;
  return deeply(file, () => document.toJS({ maxAliasCount: 100 }) as unknown);
}

/** Nesting that exhausts the stack, and aliases that multiply, become faults of the file. */
function deeply<T>(file: TextFile, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof RangeError) && !(error instanceof ReferenceError)) throw error;
    const what =
      error instanceof RangeError ? 'is nested too deeply' : 'has an alias without anchor, or too many';
    throw faultAt(file, { start: 0 }, { code: 'PROJECT_PARSE', message: `${file.name} ${what}` });
  }
}
