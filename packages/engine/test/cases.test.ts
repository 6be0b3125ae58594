import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { isFault, type OneBuildError } from '@onebuild/core';
import { build } from '@onebuild/engine';
import { createRegistryClient, type RegistryClient } from '@onebuild/registry/client';
import {
  casesFolder,
  compareCase,
  makeCaseBase,
  publishLayout,
  type RegistryService,
  requireProgram,
  runProgram,
  startOneBuildRegistry,
  temporaryFolder,
} from '@onebuild/testkit';
import { testBuildOptions } from './build-options.ts';

interface Case {
  readonly dockerfile: string;
  readonly args?: Readonly<Record<string, string>>;
  readonly target?: string;
  readonly secrets?: Readonly<Record<string, string>>;
  /** The image holds the Dockerfile itself, under the name that the case gives. */
  readonly dockerfileInImage?: boolean;
}

const cases = casesFolder();
const only = process.env['ONEBUILD_CASE'];
const registryOfCases = '127.0.0.1:5000';

describe('Dockerfile conformance cases, as Docker built them', {
  skip: cases === undefined && 'the folder of the cases is missing: set ONEBUILD_CASES to it',
}, () => {
  const scratch = temporaryFolder();
  const base = join(scratch, 'base');
  let service: RegistryService;
  let registry: RegistryClient;

  before(async () => {
    await makeCaseBase(cases ?? '', base);
    service = await startOneBuildRegistry();
    await publishLayout(base, service.host, 'base/busybox:1');
    registry = createRegistryClient({ endpoints: { [registryOfCases]: service.url } });
  });
  after(async () => {
    registry.close();
    await service.close();
    rmSync(scratch, { recursive: true, force: true });
  });

  const folder = join(cases ?? '/nowhere', 'visible');
  const names = existsSync(folder) ? readdirSync(folder).sort() : [];
  for (const name of names) {
    if (only !== undefined && !new RegExp(only).test(name)) continue;
    it(name, async (t) => {
      requireProgram(t, 'crun', 'apt-get install crun');
      requireProgram(t, 'skopeo', 'apt-get install skopeo');
      const result = await buildCase(join(folder, name), { registry, scratch: join(scratch, name) });
      const check = await compareCase(join(folder, name), result.image, {
        cases: cases ?? '',
        base,
        failed: result.image === undefined,
        mtime: true,
      });
      assert.ok(check.ok, `${check.report}\n${result.message}`);
      rmSync(join(scratch, name), { recursive: true, force: true });
    });
  }
});

async function buildCase(
  folder: string,
  services: { readonly registry: RegistryClient; readonly scratch: string },
): Promise<{ readonly image: string | undefined; readonly message: string }> {
  const { registry, scratch } = services;
  const one = JSON.parse(readFileSync(join(folder, 'case.json'), 'utf8')) as Case;
  const context = join(scratch, 'context');
  mkdirSync(context, { recursive: true });
  await runProgram(['tar', '-xpf', join(folder, 'context.tar'), '--xattrs', '-C', context]);
  const image = join(scratch, 'image.tar');
  const secrets = Object.entries(one.secrets ?? {}).map(
    ([id, value]) => [id, { type: 'value', value }] as const,
  );
  try {
    await build(
      testBuildOptions({
        home: join(scratch, 'home'),
        context: { type: 'folder', path: context },
        dockerfile: one.dockerfile,
        buildArgs: one.args ?? {},
        ...(one.target !== undefined && one.target !== '' && { target: one.target }),
        secrets: Object.fromEntries(secrets),
        outputs: [{ type: 'oci', dest: { path: image }, tar: true }],
        times: 'preserve',
        registry,
      }),
    );
    return { image, message: '' };
  } catch (error) {
    assert.ok(isFault(error), `an unknown fault: ${String((error as Error).stack)}`);
    assert.notEqual(error.code, 'INTERNAL', `${error.message}\n${causes(error)}`);
    return { image: undefined, message: `${error.code}: ${error.message}` };
  }
}

function causes(error: OneBuildError): string {
  return String((error.cause as Error | undefined)?.stack ?? error.stack);
}
