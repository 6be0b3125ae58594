import { fault, type OneBuildError } from '@onebuild/core';

/** @param what `its listing ...`, `pack sha256:...` */
export function mountDamaged(what: string, cause?: unknown): OneBuildError {
  return fault('CACHE_DAMAGED', `the snapshot of a cache mount is damaged: ${what}`, {
    ...(cause !== undefined && { cause }),
  });
}
