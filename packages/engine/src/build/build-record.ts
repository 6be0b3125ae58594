import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { BuildEvent, Clock, StepStatus } from '@onebuild/core';
import { reachable } from '../graph/graph.ts';
import type { StepLabel } from '../graph/node.ts';
import { CacheDb } from '../store/cache-db.ts';
import type { Store } from '../store/store.ts';
import type { PreparedGraph } from './run-build.ts';

/** What a build did, step by step, for questions that come later. Times are milliseconds. */
export interface BuildRecord {
  readonly started: number;
  /** The folder from which it was started, absolute, where that is known. */
  readonly folder?: string;
  readonly ok: boolean;
  /** Names of all targets; of a build without a project there is one without a name. */
  readonly targets: readonly string[];
  /** In the order in which they ended. */
  readonly steps: readonly RecordedStep[];
}

export interface RecordedStep {
  /** As displays count: from 1, in the order of starting. */
  readonly number: number;
  readonly name: string;
  /** Indices of the targets that stand on it; undefined: all, or that cannot be told. */
  readonly targets?: readonly number[];
  readonly stage?: string;
  readonly platform?: string;
  readonly file?: string;
  /** In the Dockerfile. */
  readonly line?: number;
  readonly endLine?: number;
  readonly status: StepStatus;
  readonly ms: number;
  /** What was different from the closest earlier result, in words. */
  readonly why?: string;
  readonly note?: string;
}

/** Where a record is in the list of them. */
interface Entry {
  readonly slot: number;
  readonly folder?: string;
}

const kind = 'built';
const listKey = 'list';
/** Builds of a store that are remembered. */
const mostBuilds = 20;
/** Of a build with more, the first ones. */
const mostSteps = 2000;
/** Characters of a name or reason. */
const longestText = 600;

/** Listens to a build; `save` leaves what it heard in the store, in place of the oldest record there. */
export function createBuildRecorder(
  started: number,
  folder?: string,
): {
  /** Says which targets stand on which steps. */
  know(graph: Pick<PreparedGraph, 'targets' | 'states'>): void;
  hear(event: BuildEvent): void;
  save(store: Store, ok: boolean): void;
} {
  type StepStarted = Extract<BuildEvent, { readonly type: 'step.started' }>;
  const open = new Map<string, { readonly number: number; readonly event: StepStarted }>();
  const steps: RecordedStep[] = [];
  let count = 0;
  let targets: readonly string[] = [];
  const users = new Map<string, Set<number>>();
  return {
    know(graph) {
      targets = graph.targets.map(({ name }) => name);
      const keys = new Map<unknown, Set<number>>();
      for (const [at, states] of graph.states.entries()) {
        for (const node of reachable(states.map(({ snapshot }) => snapshot))) {
          let own = keys.get(node);
          if (own === undefined) {
            const key = labelKey(node.label);
            own = users.get(key) ?? new Set();
            users.set(key, own);
            keys.set(node, own);
          }
          own.add(at);
        }
      }
    },
    hear(event) {
      if (event.type === 'step.started') {
        count++;
        if (count <= mostSteps) open.set(event.step, { number: count, event });
      }
      if (event.type !== 'step.finished') return;
      const step = open.get(event.step);
      open.delete(event.step);
      if (step === undefined) return;
      const { name, stage, platform, location } = step.event;
      const own = users.get(labelKey(step.event));
      const { status, ms, why, note } = event;
      steps.push({
        number: step.number,
        name: name.slice(0, longestText),
        ...(own !== undefined && own.size < targets.length && { targets: [...own] }),
        ...(stage !== undefined && { stage }),
        ...(platform !== undefined && { platform }),
        ...(location !== undefined && { file: location.file, line: location.line }),
        ...(location?.endLine !== undefined && { endLine: location.endLine }),
        status,
        ms,
        ...(why !== undefined && { why: why.slice(0, longestText) }),
        ...(note !== undefined && { note: note.slice(0, longestText) }),
      });
    },
    save({ db }, ok) {
      const record: BuildRecord = { started, ...(folder !== undefined && { folder }), ok, targets, steps };
      const text = JSON.stringify(record);
      db.exclusively(() => {
        const list = readList(db);
        const kept = list.slice(-(mostBuilds - 1));
        const slot =
          [...Array(mostBuilds).keys()].find((at) => kept.every((entry) => entry.slot !== at)) ?? 0;
        const entry: Entry = { slot, ...(folder !== undefined && { folder }) };
        db.setFact(kind, String(slot), text);
        db.setFact(kind, listKey, JSON.stringify([...kept, entry]));
      });
    },
  };
}

/** The same for a node's label and for the event that tells of it; names of events are without secrets, so places count. */
function labelKey({ target, stage, platform, location, position }: StepLabel): string {
  return JSON.stringify([target, stage, platform, location?.file, location?.line, position]);
}

/** Oldest first. */
function readList(db: CacheDb): readonly Entry[] {
  return JSON.parse(db.fact(kind, listKey) ?? '[]') as readonly Entry[];
}

/**
 * A build with this store: the last one that was started from `folder`, else the last one at all; with `back` the one so many before it.
 * Reads only, and makes no store.
 * @returns undefined: there was none
 */
export async function lastBuild(
  home: string,
  clock: Clock,
  { folder, back = 0 }: { readonly folder?: string; readonly back?: number } = {},
): Promise<BuildRecord | undefined> {
  const path = join(home, 'cache.db');
  if (!existsSync(path)) return undefined;
  const db = new CacheDb(path, clock);
  try {
    const list = readList(db);
    const here = list.filter((entry) => entry.folder === folder);
    const entry = (folder !== undefined && here.length > 0 ? here : list).at(-1 - back);
    const text = entry === undefined ? undefined : db.fact(kind, String(entry.slot));
    return text === undefined ? undefined : (JSON.parse(text) as BuildRecord);
  } finally {
    db.close();
  }
}
