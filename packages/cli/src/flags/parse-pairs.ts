import { fault } from '@onebuild/core';
import type { CliContext } from '../cli-context.ts';
import { splitPair } from './csv-fields.ts';

/** `--build-arg NAME=value`; NAME alone takes the value from the environment, and is dropped where that has none. */
export function parseBuildArgs(texts: readonly string[], env: CliContext['env']): Record<string, string> {
  const args: Record<string, string> = {};
  for (const text of texts) {
    const [name, written] = splitPair(text);
    if (name === '')
      throw fault('USAGE', `--build-arg ${JSON.stringify(text)} has no name`, {
        hint: 'Write it as --build-arg NAME=value.',
      });
    const value = written ?? env[name];
    if (value !== undefined) args[name] = value;
  }
  return args;
}

/** `--label KEY=value`; KEY alone has the empty value. */
export function parseLabels(texts: readonly string[]): Record<string, string> {
  const labels: Record<string, string> = {};
  for (const text of texts) {
    const [name, value] = splitPair(text);
    if (name === '')
      throw fault('USAGE', `--label ${JSON.stringify(text)} has no name`, {
        hint: 'Write it as --label KEY=value.',
      });
    labels[name] = value ?? '';
  }
  return labels;
}

const level = '(?:manifest|index)(?:-descriptor)?(?:\\[[\\w/.-]+\\])?';
const annotation = new RegExp(`^(?:(${level}(?:,${level})*):)?(.*)$`, 's');

/** `--annotation [manifest:|index:...]KEY=value`; those for manifests count, the others bring a warning. */
export function parseAnnotations(
  texts: readonly string[],
  warn: (message: string) => void,
): Record<string, string> {
  const annotations: Record<string, string> = {};
  for (const text of texts) {
    const [, levels, pair = ''] = annotation.exec(text) ?? [];
    const [name, value] = splitPair(pair);
    if (name === '' || value === undefined) {
      throw fault('USAGE', `--annotation ${JSON.stringify(text)} has to be KEY=value`, {
        hint: 'For example --annotation org.opencontainers.image.source=https://git.example.com/app.',
      });
    }
    const others = (levels ?? 'manifest').split(',').filter((level) => !/^manifest(\[|$)/.test(level));
    if (others.length > 0) warn(`--annotation ${text}: annotations of ${others.join(', ')} are not written`);
    if (others.length === 0 || levels?.includes('manifest')) annotations[name] = value;
  }
  return annotations;
}

/** `--add-host NAME:ADDRESS` or `NAME=ADDRESS`; IPv6 addresses with or without brackets. */
export function parseHosts(texts: readonly string[]): readonly (readonly [name: string, address: string])[] {
  return texts.map((text) => {
    const [, name, address] = /^([^:=\s]+)[:=]\[?([0-9a-fA-F:.]+|host-gateway)\]?$/.exec(text) ?? [];
    if (name === undefined || address === undefined) {
      throw fault('USAGE', `--add-host ${JSON.stringify(text)} has to be NAME:ADDRESS`, {
        hint: 'For example --add-host db:10.0.0.5; host-gateway stands for this machine.',
      });
    }
    return [name, address === 'host-gateway' ? '127.0.0.1' : address] as const;
  });
}
