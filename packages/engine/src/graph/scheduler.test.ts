import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type BuildFact, fault, isFault } from '@onebuild/core';
import { Graph, reachable } from './graph.ts';
import type { Node, NodeSpec } from './node.ts';
import { createScheduler } from './scheduler.ts';

function setUp(jobs = 4) {
  const facts: BuildFact[] = [];
  const stop = new AbortController();
  const scheduler = createScheduler({
    jobs,
    clock: Date.now,
    emit: (fact) => facts.push(fact),
    signal: stop.signal,
  });
  return { facts, stop, scheduler, graph: new Graph() };
}

function spec<T>(name: string, inputs: readonly Node<unknown>[], run: NodeSpec<T>['run']): NodeSpec<T> {
  return { kind: 'test', parameters: { name }, inputs, label: { name }, heavy: true, run };
}

describe('graph and scheduler', () => {
  it('makes equal operations one node and runs it once', async () => {
    const { graph, scheduler } = setUp();
    let runs = 0;
    const make = () => graph.node(spec('a', [], async () => ++runs));
    const top = graph.node(spec('top', [make(), make()], async (context) => context.result(make())));
    assert.equal(await scheduler.solve(top), 1);
    assert.equal(reachable([top]).size, 2);
    assert.deepEqual(scheduler.counts(), { ran: 2, cached: 0 });
  });

  it('tells nodes apart by parameters and inputs, not by labels', () => {
    const { graph } = setUp();
    const a = graph.node(spec('a', [], async () => 0));
    assert.notEqual(a.key, graph.node(spec('b', [], async () => 0)).key);
    assert.notEqual(
      graph.node(spec('c', [a], async () => 0)).key,
      graph.node(spec('c', [], async () => 0)).key,
    );
    assert.equal(a, graph.node({ ...spec('a', [], async () => 1), label: { name: 'other' } }));
  });

  it('a node that waits for what another does leaves its place to a third', async () => {
    const { graph, scheduler } = setUp(2);
    const done = Promise.withResolvers<string>();
    const first = graph.node(spec('first', [], () => done.promise));
    const waiter = graph.node(
      spec('waiter', [], (context) => {
        context.waits();
        return done.promise;
      }),
    );
    const third = graph.node(
      spec('third', [], async () => {
        done.resolve('done');
        return 'third';
      }),
    );
    const solved = await Promise.all([first, waiter, third].map((node) => scheduler.solve(node)));
    assert.deepEqual(solved, ['done', 'done', 'third']);
    assert.deepEqual([first, waiter, third].map(scheduler.hasWaited), [false, true, false]);
  });

  it('runs independent nodes side by side, at most as many as there are places', async () => {
    for (const jobs of [1, 3]) {
      const { graph, scheduler } = setUp(jobs);
      let now = 0;
      let most = 0;
      const nodes = Array.from({ length: 6 }, (_, at) =>
        graph.node(
          spec(`n${at}`, [], async () => {
            most = Math.max(most, ++now);
            await new Promise((resolve) => setImmediate(resolve));
            now--;
          }),
        ),
      );
      await Promise.all(nodes.map((node) => scheduler.solve(node)));
      assert.equal(most, jobs);
    }
  });

  it('stops the others at the first failure and waits for them', async () => {
    const { graph, scheduler, facts } = setUp();
    let ended = false;
    const slow = graph.node(
      spec('slow', [], async ({ signal }) => {
        await new Promise((resolve) => signal.addEventListener('abort', resolve));
        await new Promise((resolve) => setTimeout(resolve, 20));
        ended = true;
        throw fault('CANCELED', 'stopped');
      }),
    );
    const bad = graph.node(
      spec('bad', [], async () => {
        throw fault('STEP_FAILED', 'no');
      }),
    );
    const never = graph.node(spec('never', [bad], async () => assert.fail('must not run')));
    await assert.rejects(Promise.all([scheduler.solve(slow), scheduler.solve(never)]), (error) =>
      isFault(error, 'STEP_FAILED'),
    );
    await scheduler.settled();
    assert.ok(ended);
    const status = facts.flatMap((fact) => (fact.type === 'step.finished' ? [fact.status] : []));
    assert.deepEqual(status.sort(), ['canceled', 'failed']);
  });
});
