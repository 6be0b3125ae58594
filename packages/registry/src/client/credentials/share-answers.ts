import type { Clock } from '@onebuild/core';
import type { HelperResult, SpawnHelper } from './spawn-helper.ts';

/** Milliseconds: as long as a burst of questions for many repositories lasts, and no longer than a new login may wait. */
const keptMs = 20_000;

/** Asks a helper once for what is wanted of it many times in short order. What went wrong is not kept. */
export function shareAnswers(spawn: SpawnHelper, clock: Clock): SpawnHelper {
  const answers = new Map<string, { readonly result: Promise<HelperResult>; readonly until: number }>();
  return (program, verb, input) => {
    if (verb !== 'get') return spawn(program, verb, input);
    const key = JSON.stringify([program, input]);
    const held = answers.get(key);
    if (held !== undefined && held.until > clock()) return held.result;
    const result = spawn(program, verb, input);
    answers.set(key, { result, until: clock() + keptMs });
    const forget = () => answers.delete(key);
    result.then(({ code }) => code === 0 || forget(), forget);
    return result;
  };
}
