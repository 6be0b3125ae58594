import { isFault } from '@onebuild/core';
import { chompTabs, type Heredoc, parseHeredoc } from '../parser/heredoc.ts';
import { expandWord } from '../shell/expand-word.ts';
import { readFlags } from './flags.ts';
import type { AddInstruction, CopyInstruction, InlineSource } from './instruction.ts';
import { invalid, type Request } from './request.ts';

const sharedFlags = { chown: 'string', chmod: 'string', link: 'boolean', exclude: 'list' } as const;

export function readCopy(request: Request): CopyInstruction {
  const flags = readFlags(request, { ...sharedFlags, from: 'string', parents: 'boolean' });
  if (flags.from !== undefined) refuseVariable(flags.from);
  return {
    ...request.base,
    kind: 'COPY',
    ...readPaths(request),
    ...readSharedFlags(flags),
    ...(flags.from && { from: flags.from }),
    parents: flags.parents ?? false,
  };
}

export function readAdd(request: Request): AddInstruction {
  const flags = readFlags(request, {
    ...sharedFlags,
    checksum: 'string',
    'keep-git-dir': 'boolean',
    unpack: 'boolean',
  });
  return {
    ...request.base,
    kind: 'ADD',
    ...readPaths(request),
    ...readSharedFlags(flags),
    ...(flags.checksum && { checksum: flags.checksum }),
    ...(flags['keep-git-dir'] !== undefined && { keepGitDir: flags['keep-git-dir'] }),
    ...(flags.unpack !== undefined && { unpack: flags.unpack }),
  };
}

type SharedFlags = {
  readonly chown: string | undefined;
  readonly chmod: string | undefined;
  readonly link: boolean | undefined;
  readonly exclude: readonly string[];
};

function readSharedFlags(flags: SharedFlags): Pick<CopyInstruction, 'chown' | 'chmod' | 'link' | 'exclude'> {
  return {
    ...(flags.chown && { chown: flags.chown }),
    ...(flags.chmod && { chmod: flags.chmod }),
    link: flags.link ?? false,
    exclude: flags.exclude,
  };
}

function readPaths({ node, name }: Request): Pick<CopyInstruction, 'sources' | 'inlineSources' | 'dest'> {
  const dest = node.args.at(-1);
  if (dest === undefined || node.args.length < 2) {
    throw invalid(`${name} needs at least two arguments: what to copy and where to`);
  }
  if (readHeredocWord(dest) !== undefined) throw invalid(`the destination of ${name} cannot be a heredoc`);
  const bodies = new Map(node.heredocs.map((heredoc) => [heredoc.name, heredoc.content]));
  const sources: string[] = [];
  const inlineSources: InlineSource[] = [];
  for (const source of node.args.slice(0, -1)) {
    const heredoc = readHeredocWord(source);
    if (heredoc === undefined) sources.push(source);
    else inlineSources.push(toInlineSource(heredoc, bodies.get(heredoc.name) ?? ''));
  }
  return { sources, inlineSources, dest };
}

function toInlineSource(heredoc: Omit<Heredoc, 'content'>, content: string): InlineSource {
  return {
    path: heredoc.name,
    content: heredoc.chomp ? chompTabs(content) : content,
    expand: heredoc.expand,
  };
}

/** A word that looks like a heredoc but is malformed is a path. */
function readHeredocWord(word: string): Omit<Heredoc, 'content'> | undefined {
  try {
    return parseHeredoc(word);
  } catch (error) {
    if (isFault(error)) return undefined;
    throw error;
  }
}

function refuseVariable(from: string): void {
  if (expandWord(from, new Map()).result === from) return;
  throw invalid(
    `--from=${from} cannot hold a variable`,
    'Declare a stage for it: ARG before the first FROM, then FROM ${NAME} AS alias, and COPY --from=alias.',
  );
}
