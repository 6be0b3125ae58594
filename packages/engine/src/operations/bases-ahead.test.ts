import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { fault } from '@onebuild/core';
import { digestOf } from '@onebuild/oci';
import { Graph } from '../graph/graph.ts';
import type { Node } from '../graph/node.ts';
import type { BaseBlob, Layer, Snapshot } from '../stack/layer.ts';
import { createBasesAhead } from './bases-ahead.ts';
import { imageNode } from './image-operation.ts';

function setUp() {
  const graph = new Graph();
  const names = new Map<string, string>();
  const begun: string[] = [];
  const ends = new Map<string, PromiseWithResolvers<string>>();
  const pool = {
    base: (blob: BaseBlob): Layer => ({
      id: blob.diffId,
      base: blob,
      load: () => assert.fail('only folders are wanted'),
      directory() {
        const name = names.get(blob.diffId) ?? '';
        begun.push(name);
        const end = Promise.withResolvers<string>();
        ends.set(name, end);
        return end.promise;
      },
    }),
  };
  const image = (name: string): Node<Snapshot> => {
    const diffId = digestOf(name);
    names.set(diffId, name);
    const descriptor = { mediaType: '', digest: diffId, size: 1 };
    const layer: BaseBlob = { descriptor, diffId, open: () => assert.fail('not read here') };
    const platform = { os: 'linux', architecture: 'amd64' };
    const config = { ...platform, config: {}, rootfs: { type: 'layers', diff_ids: [diffId] } } as const;
    const source = { name, digest: diffId, platform, config, layers: [layer] };
    return imageNode({ graph, pool }, source, { name });
  };
  const step = (kind: string, name: string, ...inputs: readonly Node<unknown>[]): Node<unknown> =>
    graph.node({ kind, parameters: name, inputs, label: { name }, run: () => assert.fail('not run here') });
  const stop = new AbortController();
  const ahead = createBasesAhead(pool, stop.signal);
  const turn = () => new Promise((resolve) => setImmediate(resolve));
  return { image, step, begun, ends, ahead, stop, turn };
}

/** A compiler, and boxes that copy from it; one more that has nothing to do with it. */
function threeBoxes() {
  const all = setUp();
  const { image, step } = all;
  const compile = step('exec', 'compile', image('gcc'));
  const box = (name: string, from: Node<unknown>) =>
    step('exec', `run ${name}`, step('copy', `copy ${name}`, image(name), from));
  const boxes = [box('a', compile), box('b', compile), box('other', step('exec', 'else', image('gcc')))];
  const plain = step('copy', 'copy plain', image('plain'), compile);
  all.ahead.know(new Set([...boxes, plain].flatMap((node) => [node, ...node.inputs])));
  return { ...all, compile, boxes };
}

describe('bases that come ahead', () => {
  it('are those of RUN steps that stand on the one that begins, one at a time', async () => {
    const { ahead, compile, begun, ends, turn } = threeBoxes();
    ahead.begun(compile.key);
    ahead.begun(compile.key);
    await turn();
    assert.deepEqual(begun, ['a']);
    ends.get('a')?.reject(fault('REGISTRY_UNAVAILABLE', 'whoever needs it is told'));
    await turn();
    assert.deepEqual(begun, ['a', 'b']);
    ends.get('b')?.resolve('');
    await ahead.ended();
    assert.deepEqual(begun, ['a', 'b'], 'each once');
  });

  it('are none where nothing stands on the step', async () => {
    const { ahead, boxes, begun } = threeBoxes();
    for (const box of boxes) ahead.begun(box.key);
    await ahead.ended();
    assert.deepEqual(begun, []);
  });

  it('end with the build', async () => {
    for (const how of ['leave', 'abort'] as const) {
      const { ahead, stop, compile, begun, ends, turn } = threeBoxes();
      ahead.begun(compile.key);
      await turn();
      if (how === 'leave') ahead.leave();
      else stop.abort();
      ends.get('a')?.resolve('');
      await ahead.ended();
      assert.deepEqual(begun, ['a']);
    }
  });
});
