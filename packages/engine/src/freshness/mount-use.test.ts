import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { knownTime, type Sighting, type Viewer } from './known-time.ts';
import { elsewhere, type MountRecord, type PlaceSight } from './mount-record.ts';
import { type BegunUse, beginUse, endUse } from './mount-use.ts';

/** `step`: whose outputs it makes; the second place is the first one's step after its text changed. */
const places = [
  { place: 'p1', origin: 'one', step: 'a', present: ['p1', 'p3'] },
  { place: 'p2', origin: 'one', step: 'a', present: ['p2', 'p3'] },
  { place: 'p3', origin: 'one', step: 'b', present: ['p1', 'p3'] },
  { place: 'p4', origin: 'two', step: 'c', present: ['p4'] },
] as const;

type Files = readonly (string | undefined)[];

interface Output {
  readonly from: string;
  readonly time: number;
}

/** A mount in which a step makes an output of each file (the same for all steps), and two of all: one looks at the folder's time, too. */
class World {
  now = 100;
  record: MountRecord = { isComplete: true, last: 0, turn: 0, sights: new Map() };
  /** Places that ran in this build, and those that did for the first time. */
  ran = new Set<string>();
  isNew = new Set<string>();
  readonly outputs = new Map<string, Output>();
  made = 0;

  viewer(at: number): Viewer {
    const { place, origin, present } = places[at] ?? assert.fail();
    const isPresent = (other: string) => present.some((one) => one === other);
    return { place, origin, isPresent, isNew: (other) => this.isNew.has(other) };
  }

  begin(at: number, files: Files): { use: BegunUse; begun: MountRecord } {
    const viewer = this.viewer(at);
    const { place } = viewer;
    // a step runs once in a build, and in none with what it was before
    if (this.ran.has(place) || [...this.ran].some((one) => !viewer.isPresent(one))) this.nextBuild();
    this.ran.add(place);
    const isFirst = !this.record.sights.has(place);
    for (;;) {
      const use = beginUse([this.record], sightings(files), { viewer, now: this.now });
      const begun = use?.records[0];
      if (use !== undefined && begun !== undefined) {
        if (isFirst) this.isNew.add(place);
        this.record = begun;
        return { use, begun };
      }
      this.now++;
    }
  }

  nextBuild(): void {
    this.ran.clear();
    this.isNew.clear();
  }

  /** Makes what is out of date, `most` outputs at most. */
  make(at: number, files: Files, { use, most = 99 }: { use: BegunUse; most?: number }): void {
    const { step } = places[at] ?? assert.fail();
    const all = JSON.stringify(files);
    const time = (path: string) => use.seen.get(path)?.time ?? -1;
    const names = files.flatMap((text, index) => (text === undefined ? [] : [`f${index}`]));
    const goals: [string, string, readonly string[]][] = [
      ...names.map((name, index): [string, string, string[]] => [
        name,
        files.filter((text) => text !== undefined)[index] ?? '',
        [name],
      ]),
      [`all of ${step}`, all, [...names, 'dir']],
      [`files of ${step}`, all, names],
    ];
    let left = most;
    for (const [name, from, sources] of goals) {
      const there = this.outputs.get(name);
      if (there !== undefined && sources.every((path) => time(path) <= there.time)) continue;
      if (left-- === 0) return;
      this.outputs.set(name, { from, time: this.now });
      this.made++;
    }
  }

  end(at: number, { use, begun }: { use: BegunUse; begun: MountRecord }): void {
    this.record = endUse(this.record, begun, { viewer: this.viewer(at), seen: use.seen, now: this.now });
  }

  check(at: number, files: Files): void {
    const { step } = places[at] ?? assert.fail();
    for (const [index, text] of files.entries())
      if (text !== undefined) assert.equal(this.outputs.get(`f${index}`)?.from, text, `f${index}`);
    assert.equal(this.outputs.get(`all of ${step}`)?.from, JSON.stringify(files));
    // make does not see that a file went where nobody looks at the folder
    const seen = JSON.parse(this.outputs.get(`files of ${step}`)?.from ?? '[]') as (string | null)[];
    for (const [index, text] of files.entries()) if (text !== undefined) assert.equal(seen[index], text);
  }
}

function sightings(files: Files): readonly Sighting[] {
  const names = files.flatMap((text, index) => (text === undefined ? [] : [`f${index}`]));
  const dir = { path: 'dir', content: names.join(' '), fixedTime: 5 };
  const found = files.flatMap((text, index) =>
    text === undefined ? [] : [{ path: `f${index}`, content: text, fixedTime: 5 + index }],
  );
  return [dir, ...found];
}

const files = fc.array(fc.constantFrom('x', 'y', undefined), { minLength: 3, maxLength: 3 });
const at = fc.nat(places.length - 1);
const action = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant('run' as const), at, files }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('kill' as const), at, files, most: fc.nat(4) }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('overlap' as const), at, files, other: at, otherFiles: files }),
  },
  { weight: 2, arbitrary: fc.constant({ do: 'wait' as const }) },
  { weight: 3, arbitrary: fc.constant({ do: 'next build' as const }) },
);

type Action = typeof action extends fc.Arbitrary<infer T> ? T : never;

/** A step that is killed, runs in another state without a file, is killed with it, and runs in the first state again. */
const seenAgain: Action[] = [
  { do: 'kill', at: 1, files: ['x', 'y', 'x'], most: 0 },
  { do: 'run', at: 0, files: ['x', undefined, 'x'] },
  { do: 'kill', at: 0, files: ['x', 'y', 'x'], most: 0 },
  { do: 'run', at: 1, files: ['x', 'y', 'x'] },
];

test('whatever steps ran over whatever files, killed or side by side: nothing is left that came from other files', () => {
  fc.assert(
    fc.property(fc.array(action, { maxLength: 14 }), (actions) => {
      const world = new World();
      for (const step of actions) {
        if (step.do === 'wait') world.now++;
        if (step.do === 'next build') world.nextBuild();
        if (step.do === 'run') {
          const begun = world.begin(step.at, step.files);
          world.make(step.at, step.files, begun);
          world.check(step.at, step.files);
          world.end(step.at, begun);
        }
        if (step.do === 'kill') {
          world.make(step.at, step.files, { ...world.begin(step.at, step.files), most: step.most });
          world.now++;
        }
        if (step.do === 'overlap') {
          const one = world.begin(step.at, step.files);
          const other = world.begin(step.other, step.otherFiles);
          world.make(step.at, step.files, one);
          world.make(step.other, step.otherFiles, other);
          world.end(step.other, other);
          world.now++;
          world.make(step.at, step.files, one);
          world.end(step.at, one);
        }
      }
    }),
    { numRuns: 3000, examples: [[seenAgain]] },
  );
});

test('what did not change is not made again, by any of the steps of a build', () => {
  fc.assert(
    fc.property(files, fc.array(fc.constantFrom(0, 2, 3), { maxLength: 9 }), (same, order) => {
      const world = new World();
      for (const [count, who] of [0, 2, 3, ...order].entries()) {
        if (count % 2 === 0) world.nextBuild();
        const before = world.made;
        const begun = world.begin(who, same);
        world.make(who, same, begun);
        world.end(who, begun);
        if (count > 2) assert.equal(world.made, before);
      }
    }),
  );
});

test('who used the mount on another machine may be this step in another state', () => {
  const content = 'x';
  const viewer: Viewer = {
    place: 'own',
    origin: 'here',
    isPresent: (place) => place === 'own',
    isNew: () => false,
  };
  const sight = (place: string, origin: string, paths: readonly string[]): PlaceSight => {
    const seen = new Map(paths.map((path) => [path, { content, time: 5 }]));
    return { place, origin, turn: 1, since: 10, until: 20, paths: seen };
  };
  const timeAfter = (origin: string) => {
    const sights = [sight('own', 'here', ['a', 'b']), sight('other', origin, ['a'])];
    const record: MountRecord = {
      isComplete: true,
      last: 20,
      turn: 2,
      sights: new Map(sights.map((one) => [one.place, one])),
    };
    return knownTime(record, viewer)({ path: 'b', content, fixedTime: 1 });
  };
  assert.equal(timeAfter('there'), 5, 'another project of this machine');
  assert.equal(timeAfter('here'), undefined);
  assert.equal(timeAfter(elsewhere), undefined);
});
