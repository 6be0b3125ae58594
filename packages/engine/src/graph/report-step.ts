import { type EmitFact, isFault, type StepId } from '@onebuild/core';

/** Tells how far some work is; bytes. */
export type Progress = (label: string, current: number, total?: number) => void;

let steps = 0;
const quietMs = 50;

/** As `performance.now()`, for which Node.js loads a module at its first use. */
function monotonicMs(): number {
  const [seconds, nanoseconds] = process.hrtime();
  return seconds * 1000 + nanoseconds / 1e6;
}

/** Shows work that is no node of the graph as a step: base layers that come in, outputs. A `note` of the result is told at its end. */
export async function reportStep<T>(
  emit: EmitFact,
  name: string,
  work: (progress: Progress) => Promise<T>,
): Promise<T> {
  const step = `work-${++steps}` as StepId;
  const started = monotonicMs();
  const ms = () => Math.round(monotonicMs() - started);
  emit({ type: 'step.started', step, name });
  let lastTold = 0;
  try {
    const result = await work((label, current, total) => {
      const now = monotonicMs();
      if (now - lastTold < quietMs && current !== total) return;
      lastTold = now;
      const size = total === undefined ? {} : { total };
      emit({ type: 'step.progress', step, label, current, unit: 'bytes', ...size });
    });
    const note = (result as { readonly note?: unknown } | undefined)?.note;
    emit({
      type: 'step.finished',
      step,
      status: 'done',
      ms: ms(),
      ...(typeof note === 'string' && { note }),
    });
    return result;
  } catch (error) {
    emit({
      type: 'step.finished',
      step,
      status: isFault(error, 'CANCELED') ? 'canceled' : 'failed',
      ms: ms(),
    });
    throw error;
  }
}
