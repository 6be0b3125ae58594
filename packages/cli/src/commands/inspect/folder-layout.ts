import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { fault } from '@onebuild/core';
import type { LayoutFiles } from '@onebuild/oci';

/** A layout as a folder. */
export function createFolderLayout(folder: string): LayoutFiles {
  return {
    async read(path, limit) {
      try {
        await using file = await open(join(folder, path));
        const { size } = await file.stat();
        if (size > limit)
          throw fault('MANIFEST_INVALID', `${path} of ${folder} has more than ${limit} bytes`);
        return await file.readFile();
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
        throw error;
      }
    },
    open: (path) => createReadStream(join(folder, path), { highWaterMark: 2 ** 20 }),
  };
}
