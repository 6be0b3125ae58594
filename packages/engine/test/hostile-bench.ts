import assert from 'node:assert/strict';
import { lstatSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isFault, type OneBuildError } from '@onebuild/core';
import { type BuildOptions, build } from '@onebuild/engine';
import { createRegistryClient, type RegistryClient } from '@onebuild/registry/client';
import { temporaryFolder } from '@onebuild/testkit';
import { testBuildOptions } from './build-options.ts';
import { type HostileRegistry, startHostileRegistry } from './hostile-registry.ts';

/** What has to come of it: one of these codes, or a build that works and stays inside. */
export type Outcome = OneBuildError['code'] | 'works';

/** A place for builds of evil things, and what they must not touch. */
export interface HostileBench {
  readonly scratch: string;
  /** A folder with the file `witness`, beside all contexts and stores. */
  readonly outside: string;
  readonly registry: HostileRegistry;
  readonly client: RegistryClient;
  /** A new context with these files; gives its path. */
  contextOf(files: Readonly<Record<string, string | Uint8Array>>): string;
  /**
   * Builds, and gives the code of the one clear fault, or `works`; whatever comes, nothing is written beside the store.
   * The files of the result are in `out`, where it is given.
   */
  outcomeOf(
    text: string | undefined,
    options?: Partial<BuildOptions> & { readonly out?: string },
  ): Promise<Outcome>;
  close(): Promise<void>;
}

export const witness = 'untouched';

export function hostileFolders(): Pick<HostileBench, 'scratch' | 'outside'> {
  const scratch = temporaryFolder();
  return { scratch, outside: join(scratch, 'outside') };
}

export async function openHostileBench({
  scratch,
  outside,
}: Pick<HostileBench, 'scratch' | 'outside'>): Promise<HostileBench> {
  const registry = await startHostileRegistry();
  const client = createRegistryClient({ retry: { attempts: 2, baseDelayMs: 1 } });
  let count = 0;
  mkdirSync(outside);
  writeFileSync(join(outside, 'witness'), witness);

  function contextOf(files: Readonly<Record<string, string | Uint8Array>>): string {
    const folder = join(scratch, `context-${count++}`);
    mkdirSync(folder);
    for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
    return folder;
  }

  return {
    scratch,
    outside,
    registry,
    client,
    contextOf,
    async outcomeOf(text, { out, ...options } = {}) {
      const home = join(scratch, `home-${count++}`);
      const request = testBuildOptions({
        home,
        context: { type: 'folder', path: options.context === undefined ? contextOf({}) : scratch },
        ...(text !== undefined && { dockerfile: { name: 'Dockerfile', text } }),
        outputs: [{ type: 'local', dest: out ?? join(scratch, `out-${count++}`) }],
        registry: client,
        ...options,
      });
      let outcome: Outcome = 'works';
      try {
        await build(request);
      } catch (error) {
        assertClear(error);
        outcome = error.code;
      }
      const last = request.events.at(-1);
      assert.equal(last?.type, 'build.finished');
      assert.deepEqual(readdirSync(join(home, 'tmp')), []);
      assert.deepEqual(readdirSync(outside), ['witness']);
      assert.ok(!readdirSync(scratch).includes('escaped'));
      assert.equal(lstatSync('/escaped', { throwIfNoEntry: false }), undefined);
      rmSync(home, { recursive: true, force: true });
      return outcome;
    },
    async close() {
      client.close();
      await registry.close();
      rmSync(scratch, { recursive: true, force: true });
    },
  };
}

function assertClear(error: unknown): asserts error is OneBuildError {
  assert.ok(isFault(error), String(error));
  const { code, message, hint, cause, stack } = error;
  assert.notEqual(code, 'INTERNAL', String((cause as Error | undefined)?.stack ?? stack));
  assert.ok(message.length < 5000, `${message.length} characters`);
  assert.doesNotMatch(message, /\n\s+at /);
  assert.notEqual(hint, '');
}
