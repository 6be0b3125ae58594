import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { isFault } from '@onebuild/core';
import { collectStore, verifyStore } from '@onebuild/engine';
import { digestHex, digestOf } from '@onebuild/oci';
import { temporaryFolder } from '@onebuild/testkit';
import fc from 'fast-check';
import { openStore, type Store } from '../src/store/store.ts';

const day = 86_400_000;
const contents = ['', 'a', 'bb', 'c'.repeat(3000)];
const content = fc.constantFrom(...contents);

/** What a store of blobs may go through. */
type Operation =
  | { readonly do: 'put' | 'ask' | 'read' | 'begin' | 'damage' | 'lose' | 'crash'; readonly content: string }
  | { readonly do: 'reopen' | 'verify' | 'kill' }
  | { readonly do: 'wait' | 'collect'; readonly days: number };

const operation: fc.Arbitrary<Operation> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constantFrom('put', 'ask', 'read'), content }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constantFrom('begin', 'damage', 'lose', 'crash'), content }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constantFrom('reopen', 'verify', 'kill') }) },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constantFrom('wait', 'collect'), days: fc.integer({ min: 1, max: 5 }) }),
  },
) as fc.Arbitrary<Operation>;

/** What is known of a blob that is there: when it was last used, whether its bytes are still right. */
interface Known {
  used: number;
  right: boolean;
}

class Model {
  readonly home = temporaryFolder();
  readonly blobs = new Map<string, Known>();
  now = Date.UTC(2026, 0, 1);
  store: Store | undefined;
  readonly clock = () => this.now;

  async open(): Promise<Store> {
    this.store ??= await openStore(this.home, this.clock);
    return this.store;
  }

  async close(): Promise<void> {
    await this.store?.close();
    this.store = undefined;
  }

  fileOf(text: string): string {
    return join(this.home, 'blobs/sha256', digestHex(digestOf(text)));
  }
}

const steps: { readonly [Name in Operation['do']]: (model: Model, step: never) => Promise<void> } = {
  async put(model, { content: text }: { content: string }) {
    const writer = await (await model.open()).blobs.create();
    await writer.write(Buffer.from(text));
    await writer.commit({ digest: digestOf(text), size: text.length });
    model.blobs.set(text, { used: model.now, right: true });
  },
  async ask(model, { content: text }: { content: string }) {
    const size = await (await model.open()).blobs.size(digestOf(text));
    const known = model.blobs.get(text);
    if (known?.right !== false) assert.equal(size, known && text.length);
    if (known) known.used = model.now;
  },
  async read(model, { content: text }: { content: string }) {
    const reading = (await model.open()).blobs.read(digestOf(text));
    const known = model.blobs.get(text);
    if (known === undefined) await assert.rejects(reading, (error) => isFault(error, 'BLOB_NOT_FOUND'));
    else if (known.right) assert.equal(Buffer.from(await reading).toString(), text);
  },
  /** Half a blob, of which nobody hears again. */
  async begin(model, { content: text }: { content: string }) {
    const writer = await (await model.open()).blobs.create();
    await writer.write(Buffer.from(text.slice(1)));
    await writer.abort();
  },
  async damage(model, { content: text }: { content: string }) {
    const known = model.blobs.get(text);
    if (known === undefined) return;
    writeFileSync(model.fileOf(text), `${text}!`);
    known.right = false;
  },
  async lose(model, { content: text }: { content: string }) {
    const known = model.blobs.get(text);
    if (known === undefined) return;
    await model.close();
    rmSync(model.fileOf(text));
    const { damaged } = await verifyStore({ home: model.home, clock: model.clock });
    assert.ok(damaged.some(({ id }) => id === digestOf(text)));
    for (const [other, { right }] of model.blobs) if (!right || other === text) model.blobs.delete(other);
  },
  /** Killed when the blob was in place and not in the accounts yet: whoever asks for it finds it whole. */
  async crash(model, { content: text }: { content: string }) {
    if (model.blobs.has(text)) return;
    const store = await model.open();
    writeFileSync(model.fileOf(text), text);
    assert.equal(await store.blobs.size(digestOf(text)), text.length);
    model.blobs.set(text, { used: model.now, right: true });
  },
  async reopen(model) {
    await model.close();
    await model.open();
  },
  async kill(model) {
    await model.close();
    mkdirSync(join(model.home, 'tmp', '1-1-dead/blob'), { recursive: true });
    await model.open();
  },
  async verify(model) {
    await model.close();
    const { damaged, checked } = await verifyStore({ home: model.home, clock: model.clock });
    const wrong = [...model.blobs].filter(([, { right }]) => !right).map(([text]) => text);
    assert.equal(checked, model.blobs.size);
    assert.deepEqual(damaged.map(({ id }) => id).sort(), wrong.map(digestOf).sort());
    for (const text of wrong) model.blobs.delete(text);
    assert.deepEqual(readdirSync(join(model.home, 'tmp')), []);
  },
  async wait(model, { days }: { days: number }) {
    model.now += days * day;
  },
  async collect(model, { days }: { days: number }) {
    await model.close();
    const { removed } = await collectStore({ home: model.home, clock: model.clock, keepDays: days });
    const old = [...model.blobs]
      .filter(([, { used }]) => used < model.now - days * day)
      .map(([text]) => text);
    assert.deepEqual(removed.map(({ id }) => id).sort(), old.map(digestOf).sort());
    for (const text of old) model.blobs.delete(text);
  },
};

test('a store does what a map would, whatever happens to it', { timeout: 60_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(operation, { maxLength: 20 }), async (operations) => {
      const model = new Model();
      try {
        for (const step of operations) await steps[step.do](model, step as never);
        await steps.verify(model, undefined as never);
        const files = readdirSync(join(model.home, 'blobs/sha256')).sort();
        assert.deepEqual(files, [...model.blobs.keys()].map((text) => digestHex(digestOf(text))).sort());
      } finally {
        await model.close();
        rmSync(model.home, { recursive: true, force: true });
      }
    }),
    { numRuns: 60 },
  );
});
