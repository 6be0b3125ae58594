import {
  type Clock,
  type EmitFact,
  fault,
  isFault,
  type StepId,
  type StepStatus,
  withLocation,
} from '@onebuild/core';
import { inputsFirst } from './graph.ts';
import type { Node, StepContext } from './node.ts';
import { createSemaphore, type Leave } from './semaphore.ts';

export interface Scheduler {
  /** The node's result; each node runs once, its inputs before it, independent ones side by side. */
  solve<T>(node: Node<T>): Promise<T>;
  /** Resolves when nothing runs any more, however it ended. */
  settled(): Promise<void>;
  /** Milliseconds that the node ran; 0 for one that did not. */
  duration(node: Node<unknown>): number;
  /** Whether the node waited for another one that did its work. */
  hasWaited(node: Node<unknown>): boolean;
  /** How many steps ended which way; quiet ones are not counted. */
  counts(): { readonly ran: number; readonly cached: number };
  /** The number of the last step. */
  numbered(): number;
}

export interface SchedulerOptions {
  readonly jobs: number;
  readonly clock: Clock;
  readonly emit: EmitFact;
  /** Stops everything; the first failure stops everything, too. */
  readonly signal: AbortSignal;
  /** Steps that an earlier scheduler of the same build has numbered. */
  readonly numbered?: number;
}

export function createScheduler(options: SchedulerOptions): Scheduler {
  const results = new Map<Node<unknown>, Promise<unknown>>();
  const values = new Map<Node<unknown>, unknown>();
  const durations = new Map<Node<unknown>, number>();
  const waited = new Set<Node<unknown>>();
  const places = createSemaphore(options.jobs);
  const stop = new AbortController();
  const signal = AbortSignal.any([options.signal, stop.signal]);
  let ids = options.numbered ?? 0;
  let ran = 0;
  let cached = 0;

  function solve<T>(node: Node<T>): Promise<T> {
    const known = results.get(node);
    if (known !== undefined) return known as Promise<T>;
    for (const next of inputsFirst(node, (one) => results.has(one))) {
      const promise = run(next);
      results.set(next, promise);
      promise.catch((error: unknown) => stop.abort(error));
    }
    return results.get(node) as Promise<T>;
  }

  /** Its inputs are started already. */
  async function run<T>(node: Node<T>): Promise<T> {
    await Promise.all(node.inputs.map((input) => results.get(input) as Promise<unknown>));
    const value = await (node.heavy ? places.use((leave) => runStep(node, leave)) : runStep(node));
    values.set(node, value);
    return value;
  }

  async function runStep<T>(node: Node<T>, leave?: Leave): Promise<T> {
    if (signal.aborted) throw fault('CANCELED', 'the build was stopped', { cause: signal.reason });
    const step = `${++ids}` as StepId;
    const started = options.clock();
    let shown = false;
    const show = () => {
      if (shown) return;
      shown = true;
      const { quiet: _, origin: __, crossTo, ...label } = node.label;
      const platform = crossTo === undefined ? undefined : `${label.platform}->${crossTo}`;
      options.emit({ type: 'step.started', step, ...label, ...(platform !== undefined && { platform }) });
    };
    if (node.label.quiet !== true) show();
    let how: { status?: StepStatus; why?: string; note?: string } = {};
    const context: StepContext = {
      signal,
      result: <U>(input: Node<U>) => values.get(input) as U,
      output: (stream, text) => {
        show();
        options.emit({ type: 'step.output', step, stream, text });
      },
      progress: (label, current, total) => {
        show();
        const size = total === undefined ? {} : { total };
        options.emit({ type: 'step.progress', step, label, current, ...size, unit: 'bytes' });
      },
      waits: () => {
        waited.add(node);
        leave?.();
      },
      finished: (said) => {
        how = { ...how, ...said };
      },
    };
    const finish = (status: StepStatus) => {
      const { status: _, ...said } = how;
      options.emit({ type: 'step.finished', step, status, ms: options.clock() - started, ...said });
    };
    try {
      const value = await node.run(context);
      durations.set(node, options.clock() - started);
      const status = how.status ?? 'done';
      if (node.label.quiet !== true) {
        if (status === 'cached') cached++;
        else ran++;
      }
      if (shown) finish(status);
      return value;
    } catch (error) {
      const canceled = isFault(error, 'CANCELED') || signal.aborted;
      if (!canceled) show();
      if (shown) finish(canceled ? 'canceled' : 'failed');
      const { location } = node.label;
      throw location === undefined || canceled ? error : withLocation(error, location);
    }
  }

  return {
    solve,
    async settled() {
      let count = -1;
      while (count !== results.size) {
        count = results.size;
        await Promise.allSettled(results.values());
      }
    },
    duration: (node) => durations.get(node) ?? 0,
    hasWaited: (node) => waited.has(node),
    counts: () => ({ ran, cached }),
    numbered: () => ids,
  };
}
