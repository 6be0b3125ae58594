import { stat } from 'node:fs/promises';
import { fault } from '@onebuild/core';
import { type Layout, type LayoutFiles, readLayout } from '@onebuild/oci';
import { parseLayout } from '../../flags/parse-context.ts';
import { openArchiveLayout } from './archive-layout.ts';
import { createFolderLayout } from './folder-layout.ts';
import type { ImageSource } from './image-source.ts';

/**
 * An image in an OCI layout (image spec, image-layout.md), a folder or a tar archive: `PATH[:TAG][@DIGEST]`.
 * Its methods throw CONTEXT_NOT_FOUND, MANIFEST_INVALID, MANIFEST_NOT_FOUND, TAR_INVALID.
 */
export function createLayoutSource(text: string, cwd: string): ImageSource {
  const { path, tag, digest } = parseLayout(text, cwd);
  let opened: Promise<Layout> | undefined;
  const layout = (): Promise<Layout> => {
    opened ??= openFiles(path).then(readLayout);
    return opened;
  };
  return {
    name: `oci-layout:${text}`,
    async top() {
      const found = await layout();
      const descriptor = found.find(digest ?? tag);
      return { descriptor, bytes: await found.read(descriptor) };
    },
    read: async (descriptor) => (await layout()).read(descriptor),
    async *open(descriptor) {
      yield* (await layout()).open(descriptor);
    },
    close() {},
  };
}

async function openFiles(path: string): Promise<LayoutFiles> {
  const found = await stat(path).catch(() => undefined);
  if (found === undefined) throw fault('CONTEXT_NOT_FOUND', `the OCI layout ${path} is not there`);
  return found.isDirectory() ? createFolderLayout(path) : await openArchiveLayout(path);
}
