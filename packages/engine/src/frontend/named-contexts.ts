import { fault } from '@onebuild/core';
import { type Platform, parseReference } from '@onebuild/oci';
import type { ContextSource, NamedContextSource, TargetSource } from '../build-options.ts';
import type { FileSource } from '../operations/file-source.ts';
import type { ImageSource, SourceImage } from './image-source.ts';
import { findInLayout } from './layout-image.ts';
import type { StageState } from './stage-state.ts';

/** What `--build-context NAME=...` or a binding stands for. */
export type NamedContext =
  | { readonly type: 'image'; readonly image: SourceImage }
  | { readonly type: 'stage'; readonly target: string; readonly state: StageState }
  | { readonly type: 'files'; readonly source: FileSource & { readonly type: 'tree' } };

export interface NamedContexts {
  /** undefined: nobody named it. Image names match in their full form, too. `asker`: index of the stage that uses the name. */
  find(name: string, platform: Platform, asker: number): Promise<NamedContext | undefined>;
}

export function createNamedContexts(services: {
  readonly contexts: Readonly<Record<string, NamedContextSource>>;
  readonly images: ImageSource;
  readonly signal: AbortSignal;
  openFiles(name: string, source: ContextSource): Promise<FileSource & { readonly type: 'tree' }>;
  openTarget(source: TargetSource, platform: Platform, asker: number): Promise<StageState>;
}): NamedContexts {
  const opened = new Map<string, Promise<FileSource & { readonly type: 'tree' }>>();
  const byFullName = new Map<string, string>();
  for (const name of Object.keys(services.contexts)) byFullName.set(fullName(name), name);
  return {
    async find(wanted, platform, asker) {
      const name = services.contexts[wanted] === undefined ? byFullName.get(fullName(wanted)) : wanted;
      const source = name === undefined ? undefined : services.contexts[name];
      if (name === undefined || source === undefined) return undefined;
      switch (source.type) {
        case 'image':
          return {
            type: 'image',
            image: await services.images.find(source.reference, platform, services.signal),
          };
        case 'target': {
          const state = await services.openTarget(source, platform, asker);
          return { type: 'stage', target: source.target, state };
        }
        case 'oci-layout':
          return { type: 'image', image: await findInLayout(source, platform) };
        case 'stream':
          throw fault('CONTEXT_NOT_FOUND', `the named context ${name} cannot be standard input`);
        default: {
          let files = opened.get(name);
          if (files === undefined) {
            files = services.openFiles(name, source);
            opened.set(name, files);
          }
          return { type: 'files', source: await files };
        }
      }
    },
  };
}

function fullName(name: string): string {
  try {
    const { registry, repository, tag, digest } = parseReference(name);
    const version = tag ?? (digest === undefined ? 'latest' : '');
    return `${registry}/${repository}:${version}@${digest ?? ''}`;
  } catch {
    return name.toLowerCase();
  }
}
