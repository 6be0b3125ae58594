import type { BuildEvent, Clock, StepStatus } from '@onebuild/core';
import { openStore, type Store } from '../store/store.ts';

/** What a build did, step by step, for questions that come later. Times are milliseconds. */
export interface BuildRecord {
  readonly started: number;
  readonly ok: boolean;
  readonly steps: readonly RecordedStep[];
}

export interface RecordedStep {
  readonly name: string;
  readonly target?: string;
  readonly stage?: string;
  readonly platform?: string;
  /** In the Dockerfile. */
  readonly line?: number;
  readonly status: StepStatus;
  readonly ms: number;
  /** What was different from the build before, in words. */
  readonly why?: string;
}

const [kind, key] = ['build', 'last'];
/** Of a build with more, the first ones. */
const mostSteps = 2000;

/** Listens to a build; `save` leaves what it heard in the store, in place of what was there. */
export function createBuildRecorder(started: number): {
  hear(event: BuildEvent): void;
  save(store: Store, ok: boolean): void;
} {
  const open = new Map<string, Extract<BuildEvent, { readonly type: 'step.started' }>>();
  const steps: RecordedStep[] = [];
  return {
    hear(event) {
      if (event.type === 'step.started' && open.size + steps.length < mostSteps) open.set(event.step, event);
      if (event.type !== 'step.finished') return;
      const step = open.get(event.step);
      open.delete(event.step);
      if (step === undefined) return;
      const { name, target, stage, platform, location } = step;
      const { status, ms, why } = event;
      steps.push({
        name,
        ...(target !== undefined && { target }),
        ...(stage !== undefined && { stage }),
        ...(platform !== undefined && { platform }),
        ...(location !== undefined && { line: location.line }),
        status,
        ms,
        ...(why !== undefined && { why }),
      });
    },
    save(store, ok) {
      store.db.setFact(kind, key, JSON.stringify({ started, ok, steps } satisfies BuildRecord));
    },
  };
}

/** The last build with this store; undefined: there was none. */
export async function lastBuild(home: string, clock: Clock): Promise<BuildRecord | undefined> {
  const store = await openStore(home, clock);
  try {
    const text = store.db.fact(kind, key);
    return text === undefined ? undefined : (JSON.parse(text) as BuildRecord);
  } finally {
    await store.close();
  }
}
