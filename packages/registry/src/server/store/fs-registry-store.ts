import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { makeFolder, namesIn, unlessMissing } from './file-steps.ts';
import { fsBlobShelf } from './fs-blob-shelf.ts';
import { fsManifestShelf } from './fs-manifest-shelf.ts';
import { fsUploadDesk } from './fs-upload-desk.ts';
import { listRepositories } from './list-repositories.ts';
import type { RegistryStore } from './registry-store.ts';
import { type StorePaths, storePaths } from './store-paths.ts';

/** A registry's content in a folder. Several processes may use the same folder at once. */
export interface FsRegistryStore extends RegistryStore {
  readonly paths: StorePaths;
}

/** Opens the store in `root`, making the folder where it is missing. @throws FILE_ACCESS */
export async function openFsRegistryStore(root: string): Promise<FsRegistryStore> {
  const paths = storePaths(resolve(root));
  for (const folder of [paths.blobs, paths.repositories, paths.tmp]) await makeFolder(folder);
  return Object.freeze({
    paths,
    blobs: fsBlobShelf(paths),
    uploads: fsUploadDesk(paths),
    manifests: fsManifestShelf(paths),
    async repositories() {
      const found: string[] = [];
      for (const name of await listRepositories(paths, '_manifests')) {
        if (await holdsManifest(paths, name)) found.push(name);
      }
      return found;
    },
    async hasRepository(repository: string) {
      for (const room of [paths.manifests(repository), paths.blobLinks(repository)]) {
        if (await unlessMissing(stat(room))) return true;
      }
      return false;
    },
  });
}

async function holdsManifest(paths: StorePaths, name: string): Promise<boolean> {
  for (const algorithm of await namesIn(paths.manifests(name))) {
    if ((await namesIn(`${paths.manifests(name)}/${algorithm}`)).length > 0) return true;
  }
  return false;
}
