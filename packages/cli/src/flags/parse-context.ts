import { statSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import { fault } from '@onebuild/core';
import type { ContextSource } from '@onebuild/engine';
import { isDigest } from '@onebuild/oci';
import { splitPair } from './csv-fields.ts';

const gitScheme = /^(git:\/\/|git@|ssh:\/\/|git\+[a-z]+:\/\/)/;
const gitHttp = /^https?:\/\/[^#?]+\.git(?:[#?].*)?$/;
const scpLike = /^[\w.-]+@[\w.-]+:[^/].*/;
const bareGithub = /^github\.com\/[^/]+\/[^/]+/;

/**
 * What a context argument names: `-` (standard input), a git URL, an http(s) URL, else a folder.
 * @throws CONTEXT_NOT_FOUND
 */
export function parseContext(
  text: string,
  /** Standard input is asked for only where the argument names it: that alone starts parts of Node.js. */
  options: { readonly cwd: string; readonly stdin: AsyncIterable<Uint8Array> },
): ContextSource {
  if (text === '-') return { type: 'stream', stream: options.stdin, name: 'standard input' };
  const remote = parseRemote(text);
  if (remote !== undefined) return remote;
  const path = resolve(options.cwd, text);
  if (isFolder(path)) return { type: 'folder', path };
  if (bareGithub.test(text)) return { type: 'git', url: `https://${text}` };
  if (isFile(path)) {
    throw fault('CONTEXT_NOT_FOUND', `the context ${JSON.stringify(text)} is a file, not a folder`, {
      hint: `To use it as the Dockerfile, write -f ${text} FOLDER; to read an archive, write - < ${basename(text)}.`,
    });
  }
  throw fault('CONTEXT_NOT_FOUND', `the context ${JSON.stringify(text)} is not there`);
}

/**
 * Reads `--build-context NAME=SOURCE`.
 * @throws USAGE, CONTEXT_NOT_FOUND
 */
export function parseBuildContext(
  text: string,
  options: { cwd: string },
): [name: string, source: ContextSource] {
  const [name, value] = splitPair(text);
  if (value === undefined || name === '' || value === '') {
    throw fault('USAGE', `--build-context ${JSON.stringify(text)} has to be NAME=SOURCE`);
  }
  return [name, parseNamedSource(value, options.cwd)];
}

function parseNamedSource(value: string, cwd: string): ContextSource {
  const image = /^docker-image:\/\/(.+)$/.exec(value)?.[1];
  if (image !== undefined) return { type: 'image', reference: image };
  const layout = /^oci-layout:\/\/(.+)$/.exec(value)?.[1];
  if (layout !== undefined) return parseLayout(layout, cwd);
  const remote = parseRemote(value);
  if (remote !== undefined) return remote;
  const path = resolve(cwd, value);
  if (!isFolder(path))
    throw fault('CONTEXT_NOT_FOUND', `the context folder ${JSON.stringify(value)} is not there`);
  return { type: 'folder', path };
}

/** `PATH[:TAG][@DIGEST]` */
export function parseLayout(text: string, cwd: string): Extract<ContextSource, { type: 'oci-layout' }> {
  const at = text.lastIndexOf('@');
  const digest = at >= 0 && isDigest(text.slice(at + 1)) ? text.slice(at + 1) : undefined;
  const rest = digest === undefined ? text : text.slice(0, at);
  const tag = /:(\w[\w.-]{0,127})$/.exec(rest)?.[1];
  const path = tag === undefined ? rest : rest.slice(0, -tag.length - 1);
  return {
    type: 'oci-layout',
    path: resolve(cwd, path),
    ...(tag !== undefined && { tag }),
    ...(digest !== undefined && { digest }),
  };
}

function parseRemote(text: string): ContextSource | undefined {
  if (gitScheme.test(text) || gitHttp.test(text) || scpLike.test(text)) return { type: 'git', url: text };
  if (/^https?:\/\//i.test(text)) return { type: 'http', url: text };
  return undefined;
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() === true;
}
