import type { Digest } from '@onebuild/core';
import type { Repository } from '@onebuild/registry/client';
import type { CacheDb } from '../store/cache-db.ts';

/** What earlier pushes of this store left in registries. It saves questions; a registry that has lost things is asked all the same when it matters. */
export interface KnownBlobs {
  /** Blobs that a manifest or index stands on, where it was pushed from here: whoever has it has them. */
  needs(top: Digest): ReadonlySet<string> | undefined;
  /** A repository of the registry that a blob was left in. */
  placeOf(registry: string, digest: Digest): string | undefined;
  /** Writes down what is about to be pushed; tells of what an earlier push has begun and not ended: its blobs may be there. */
  begin(pushed: readonly PushedTop[]): (repository: Repository) => boolean;
  remember(pushed: readonly PushedTop[]): void;
}

/** An image or index as it stands in a repository. */
export interface PushedTop {
  readonly registry: string;
  readonly repository: string;
  readonly top: Digest;
  readonly layers: readonly Digest[];
  readonly configs: readonly Digest[];
}

const [needsKind, placeKind, begunKind] = ['needs', 'blob-at', 'pushing'] as const;

const nameOf = ({ registry, repository }: Repository): string => `${registry}/${repository}`;

export function createKnownBlobs(db: CacheDb): KnownBlobs {
  return {
    needs(top) {
      const text = db.fact(needsKind, top);
      return text === undefined ? undefined : new Set(text.split(' '));
    },
    placeOf: (registry, digest) => db.fact(placeKind, `${registry} ${digest}`),
    begin(pushed) {
      const names = new Set(pushed.map(nameOf));
      const begun = new Set([...names].filter((name) => db.fact(begunKind, name) !== undefined));
      db.exclusively(() => {
        for (const name of names) if (!begun.has(name)) db.setFact(begunKind, name, '');
      });
      return (repository) => begun.has(nameOf(repository));
    },
    remember(pushed) {
      const tops = new Map(pushed.map((one) => [one.top, [...one.layers, ...one.configs].join(' ')]));
      const places = new Map(
        pushed.flatMap(({ registry, repository, layers }) =>
          layers.map((digest) => [`${registry} ${digest}`, repository] as const),
        ),
      );
      db.exclusively(() => {
        for (const one of pushed) db.dropFact(begunKind, nameOf(one));
        for (const [top, blobs] of tops) db.setFact(needsKind, top, blobs);
        for (const [place, repository] of places) db.setFact(placeKind, place, repository);
      });
    },
  };
}
