import { digestOf, type LayerEntry } from '@onebuild/oci';
import type { Viewer } from '../freshness/known-time.ts';
import { type LayerSighting, sightingsOf } from '../freshness/sightings.ts';
import { useMounts } from '../freshness/use-mounts.ts';
import { allEnded } from '../graph/all-ended.ts';
import type { StepLabel } from '../graph/node.ts';
import { earlierLayers, rememberLayer } from '../stack/earlier-layers.ts';
import type { Layer, Snapshot } from '../stack/layer.ts';
import type { OperationServices } from './operation-services.ts';
import { placeOf } from './step-history.ts';

export interface FreshView {
  /** As `shown`, in that order, with the times that the command shall see. */
  readonly snapshots: readonly Snapshot[];
  /** To be called when the command has ended, however. */
  end(): void;
}

export interface FreshUse {
  /** Names of the folders of the cache mounts that the command may write into. */
  readonly mounts: readonly string[];
  /** What the command sees, and where. */
  readonly shown: readonly { readonly at: string; readonly snapshot: Snapshot }[];
  readonly label: StepLabel;
  readonly signal: AbortSignal;
}

/** Places of a build's steps that write into cache mounts, and those of them that did for the first time. */
const places = new WeakMap<
  OperationServices,
  { readonly present: Set<string>; readonly isNew: Set<string> }
>();

/** To be called for each step that will need it, before any of them runs. */
export function expectFreshUse(services: OperationServices, label: StepLabel): void {
  placesOf(services).present.add(placeFor(label));
}

function placesOf(services: OperationServices): { present: Set<string>; isNew: Set<string> } {
  const known = places.get(services) ?? { present: new Set(), isNew: new Set() };
  places.set(services, known);
  return known;
}

function placeFor(label: StepLabel): string {
  const { name, position = [], crossTo = null } = label;
  return digestOf(JSON.stringify([placeOf(label)?.own ?? name, position[0] ?? null, crossTo]));
}

/**
 * Files as a command with cache mounts has to see them: what changed since something in a mount may have been made from it is younger than
 * that. What did not change keeps its time, so that nothing is made again without need.
 */
export async function freshSnapshots(services: OperationServices, use: FreshUse): Promise<FreshView> {
  const { mounts, shown, label, signal } = use;
  const place = placeFor(label);
  const { present, isNew } = placesOf(services);
  const views = await allEnded(shown.map(async ({ snapshot }) => sightingsOf(snapshot)));
  const pathAt = (at: string, path: string): string => (at === '/' ? path : `${at}//${path}`);
  const sightings = shown.flatMap(({ at }, index) =>
    [...(views[index]?.values() ?? [])]
      .flat()
      .map(({ path, content, fixedTime }) => ({ path: pathAt(at, path), content, fixedTime })),
  );
  const viewer: Viewer = {
    place,
    origin: label.origin ?? '',
    isPresent: (other) => present.has(other),
    isNew: (other) => isNew.has(other),
  };
  const { times, isFirst, end } = await useMounts(services.store, { viewer, mounts, sightings, signal });
  if (isFirst) isNew.add(place);
  const snapshots = shown.map(async ({ at, snapshot }, index) => {
    const layers = snapshot.layers.map((layer, number) =>
      retimed(services, layer, {
        sightings: views[index]?.get(layer) ?? [],
        timeOf: (path) => times.get(pathAt(at, path)),
        operation: `fresh ${place} ${at} ${number}`,
      }),
    );
    return { layers: await allEnded(layers) };
  });
  try {
    return { snapshots: await allEnded(snapshots), end };
  } catch (error) {
    end();
    throw error;
  }
}

async function retimed(
  { store, pool }: OperationServices,
  layer: Layer,
  view: {
    readonly sightings: readonly LayerSighting[];
    readonly timeOf: (path: string) => number | undefined;
    readonly operation: string;
  },
): Promise<Layer> {
  const changed = new Map<string, number>();
  for (const { path, fixedTime, names } of view.sightings) {
    const time = view.timeOf(path) ?? fixedTime;
    if (time !== fixedTime) for (const name of names) changed.set(name, time);
  }
  if (changed.size === 0) return layer;
  const loaded = await layer.load();
  const entries = loaded.index.entries.map((entry): LayerEntry => {
    const mtime = changed.get(entry.path);
    return mtime === undefined ? entry : { ...entry, mtime };
  });
  const operation = digestOf(view.operation);
  const earlier = [...earlierLayers(store, operation), layer.id, ...(layer.earlier ?? [])];
  const made = pool.revised(loaded, { entries }, earlier);
  rememberLayer(store, operation, made.id);
  return made;
}
