import { errorCatalog } from '@onebuild/core';
import { lintRuleNames } from '@onebuild/dockerfile';
import type { Command, Option } from 'commander';
import { outputTypes } from '../flags/output-types.ts';

/** One command of the tree, as completion scripts need it. */
export interface CompletionNode {
  /** Words after the program's name: `['store', 'gc']`; empty for the program itself. */
  readonly path: readonly string[];
  readonly description: string;
  readonly children: readonly CompletionNode[];
  readonly flags: readonly CompletionFlag[];
  /** Values of its first argument, where they are known. */
  readonly values: readonly string[];
}

export interface CompletionFlag {
  /** `--file` */
  readonly long: string;
  /** `-f` */
  readonly short?: string;
  readonly description: string;
  readonly takesValue: boolean;
  /** Known values. */
  readonly values: readonly string[];
  /** Its value is a path. */
  readonly takesFile: boolean;
}

/** Values that the command tree itself doesn't know. */
const knownValues: Readonly<Record<string, readonly string[]>> = {
  '--output': outputTypes.map((type) => `type=${type}`),
  '--timestamp': ['auto', 'commit', 'preserve'],
  '--allow': ['security.insecure', 'network.host'],
  '--platform': ['linux/amd64', 'linux/arm64', 'linux/amd64,linux/arm64'],
  '--ssh': ['default'],
  '--provenance': ['false'],
  '--sbom': ['false'],
};

export function createCompletionTree(command: Command, path: readonly string[] = []): CompletionNode {
  const argument = command.registeredArguments[0];
  return {
    path,
    description: command.description(),
    children: command.commands.map((child) => createCompletionTree(child, [...path, child.name()])),
    flags: [...command.options.filter((option) => !option.hidden).map(describe), help],
    values: argument?.argChoices ?? valuesOf(command, path),
  };
}

/** What a command's first argument can be, where the tree itself says it. */
function valuesOf(command: Command, path: readonly string[]): readonly string[] {
  if (path.join(' ') === 'explain') return [...Object.keys(errorCatalog), ...lintRuleNames];
  return path.join(' ') === 'help' ? (command.parent?.commands.map((one) => one.name()) ?? []) : [];
}

/** All nodes, parents first. */
export function listNodes(node: CompletionNode): readonly CompletionNode[] {
  return [node, ...node.children.flatMap(listNodes)];
}

const help: CompletionFlag = {
  long: '--help',
  short: '-h',
  description: 'print help',
  takesValue: false,
  values: [],
  takesFile: false,
};

function describe(option: Option): CompletionFlag {
  const long = option.long ?? '';
  return {
    long,
    ...(option.short && { short: option.short }),
    description: option.description,
    takesValue: option.required || option.optional,
    values: option.argChoices ?? knownValues[long] ?? [],
    takesFile: /<(path|file|folder|spec|name=source)>/.test(option.flags),
  };
}
