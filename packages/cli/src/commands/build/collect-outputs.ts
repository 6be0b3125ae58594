import { fault } from '@onebuild/core';
import type { Output } from '@onebuild/engine';
import { type OutputSurroundings, parseOutput, requireNames } from '../../flags/parse-output.ts';
import type { BuildFlags } from './build-flags.ts';

export interface CollectedOutputs {
  readonly outputs: readonly Output[];
  readonly annotations: Readonly<Record<string, string>>;
  /** An archive goes to standard output, so nothing else may. */
  readonly usesStdout: boolean;
}

/**
 * The outputs of `--output`, `--push` and `--load` together. `--push` turns an `image` output into one that pushes;
 * without any, the image stays in the store.
 * @throws USAGE, OUTPUT_INVALID
 */
export function collectOutputs(
  flags: Pick<BuildFlags, 'output' | 'push' | 'load'>,
  surroundings: OutputSurroundings,
): CollectedOutputs {
  const parsed = flags.output.map((text) => parseOutput(text, surroundings));
  let outputs = parsed.map(({ output }) => output);
  if (flags.push === true) outputs = withPush(outputs, surroundings);
  if (flags.load === true && !outputs.some((output) => output.type === 'load')) {
    outputs.push({ type: 'load', engine: 'auto' });
  }
  if (outputs.length === 0) outputs.push({ type: 'store' });
  const { dockerHost } = surroundings;
  if (dockerHost)
    outputs = outputs.map((output) => (output.type === 'load' ? { ...output, dockerHost } : output));
  const streams = outputs.filter(
    (output) => 'dest' in output && typeof output.dest === 'object' && 'stream' in output.dest,
  );
  if (streams.length > 1) throw fault('OUTPUT_INVALID', 'only one output can go to standard output');
  return {
    outputs,
    annotations: Object.assign({}, ...parsed.map(({ annotations }) => annotations)) as Record<string, string>,
    usesStdout: streams.length > 0,
  };
}

function withPush(outputs: readonly Output[], { tags }: OutputSurroundings): Output[] {
  if (outputs.some((output) => output.type === 'push')) return [...outputs];
  const names = requireNames(tags);
  const kept = outputs.find((output) => output.type === 'store');
  const push: Output = { type: 'push', names, ...(kept?.layers !== undefined && { layers: kept.layers }) };
  return [...outputs.filter((output) => output !== kept), push];
}
