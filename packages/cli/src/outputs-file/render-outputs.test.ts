import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createOutputsReport, type ReportedTarget } from './outputs-report.ts';
import { formOfOutputs, renderOutputs } from './render-outputs.ts';
import { sampleDigest, sampleTarget } from './sample-report.fixture.ts';

const sharing = { separateMs: 60_000, ms: 21_500 };

function lines(...targets: readonly ReportedTarget[]): readonly string[] {
  return renderOutputs({ targets, sharing }, 'lines').split('\n').slice(0, -1);
}

const names = (...targets: readonly ReportedTarget[]) =>
  lines(...targets)
    .filter((line) => !line.includes('=sha256:'))
    .map((line) => line.replace(/=.*/, ''));

const helper = (variant: string, more: Partial<ReportedTarget> = {}) =>
  sampleTarget({ name: `helper.${variant}`, component: 'helper', variant, ...more }, [
    `r.example.com/helper-${variant}:1`,
  ]);

test('one image without a project', () => {
  assert.deepEqual(lines(sampleTarget({ name: '' }, ['app:1', 'app:latest'])), [
    'imageName=app:1',
    `imageDigest=${sampleDigest('1')}`,
    'amd64ImageName=app:1',
    `amd64ImageDigest=${sampleDigest('1')}`,
  ]);
});

test('an image without a name has digests, what is no image has nothing', () => {
  assert.deepEqual(lines(sampleTarget({ name: '' }, [])), [
    `imageDigest=${sampleDigest('1')}`,
    `amd64ImageDigest=${sampleDigest('1')}`,
  ]);
  const files = { platform: 'linux/amd64', digest: undefined, size: 0, sentBytes: 0, ms: 1 };
  assert.equal(
    renderOutputs({ targets: [{ name: '', images: [], platforms: [files] }], sharing }, 'lines'),
    '',
  );
});

test('variants and platforms of one component', () => {
  const platforms = ['linux/amd64', 'linux/arm64', 'linux/arm/v7'];
  const kylin = { name: 'helper.kylinv10', component: 'helper', variant: 'kylinv10' };
  assert.deepEqual(lines(helper('standard'), sampleTarget(kylin, ['helper-kylin:1'], platforms)), [
    'imageName=r.example.com/helper-standard:1',
    `imageDigest=${sampleDigest('1')}`,
    'amd64ImageName=r.example.com/helper-standard:1',
    `amd64ImageDigest=${sampleDigest('1')}`,
    'kylinv10ImageName=helper-kylin:1',
    `kylinv10ImageDigest=${sampleDigest('0')}`,
    'amd64Kylinv10ImageName=helper-kylin:1',
    `amd64Kylinv10ImageDigest=${sampleDigest('1')}`,
    'arm64Kylinv10ImageName=helper-kylin:1',
    `arm64Kylinv10ImageDigest=${sampleDigest('2')}`,
    'armv7Kylinv10ImageName=helper-kylin:1',
    `armv7Kylinv10ImageDigest=${sampleDigest('3')}`,
  ]);
});

test('several components, apps or refs have a word in each key', () => {
  const tools = sampleTarget({ name: 'tools', component: 'tools' }, ['tools:1']);
  assert.deepEqual(names(helper('standard'), helper('oel22'), tools), [
    'helperImageName',
    'amd64HelperImageName',
    'helperOel22ImageName',
    'amd64HelperOel22ImageName',
    'toolsImageName',
    'amd64ToolsImageName',
  ]);
  assert.deepEqual(names(helper('standard', { app: 'shop' }), helper('standard', { app: 'bank' })), [
    'shopImageName',
    'amd64ShopImageName',
    'bankImageName',
    'amd64BankImageName',
  ]);
  assert.deepEqual(names(helper('oel22', { ref: 'v1.2' }), helper('oel22', { ref: 'release/2' })), [
    'oel22V1_2ImageName',
    'amd64Oel22V1_2ImageName',
    'oel22Release2ImageName',
    'amd64Oel22Release2ImageName',
  ]);
});

test('targets without component are told apart by their names, without the ref', () => {
  const [web, worker] = ['web@v1', 'worker@v1'].map((name) =>
    sampleTarget({ name, ref: 'v1' }, [`${name}:1`]),
  );
  assert.ok(web && worker);
  assert.deepEqual(names(web, worker), [
    'webImageName',
    'amd64WebImageName',
    'workerImageName',
    'amd64WorkerImageName',
  ]);
});

test('keys that are the same even so have numbers', () => {
  assert.deepEqual(
    lines(helper('a-b'), helper('a_b'), helper('标准')).map((line) => line.replace(/=.*/, '')),
    [
      'aBImageName',
      'aBImageDigest',
      'amd64ABImageName',
      'amd64ABImageDigest',
      'aBImageName_2',
      'aBImageDigest_2',
      'amd64ABImageName_2',
      'amd64ABImageDigest_2',
      'imageName',
      'imageDigest',
      'amd64ImageName',
      'amd64ImageDigest',
    ],
  );
  assert.deepEqual(names(helper('standard'), helper('amd64')).slice(1, 3), [
    'amd64ImageName',
    'amd64ImageName_2',
  ]);
});

test('whatever targets are called, keys are names of variables, and each is there once', () => {
  const word = fc.option(fc.string({ unit: 'binary', maxLength: 12 }), { nil: undefined });
  const targets = fc.array(
    fc
      .record({ name: fc.string(), app: word, component: word, variant: word, ref: word })
      .map((origin) => sampleTarget(origin, ['app:1'], ['linux/amd64', 'windows/amd64', 'linux/amd64/v3'])),
    { maxLength: 6 },
  );
  fc.assert(
    fc.property(targets, (all) => {
      const keys = lines(...all).map((line) => line.slice(0, line.indexOf('=')));
      for (const key of keys) assert.match(key, /^[A-Za-z_][A-Za-z0-9_]*$/);
      assert.equal(new Set(keys).size, keys.length);
      assert.equal(keys.length, all.length * 8);
    }),
    { numRuns: 200 },
  );
});

test('JSON has all that there is', () => {
  const { images, platforms } = sampleTarget({ name: '' }, ['app:1']);
  const result = {
    targets: [{ name: 'web@v1', images, platforms, metadata: {}, imageId: undefined }],
    sharing,
  };
  const origin = { name: 'web@v1', component: 'web', ref: 'v1', commit: 'c0ffee' };
  assert.equal(formOfOutputs('out/Report.JSON'), 'json');
  assert.deepEqual(JSON.parse(renderOutputs(createOutputsReport(result, [origin]), 'json')), {
    schemaVersion: 1,
    outputs: {
      imageName: 'app:1',
      imageDigest: sampleDigest('1'),
      amd64ImageName: 'app:1',
      amd64ImageDigest: sampleDigest('1'),
    },
    targets: [
      {
        name: 'web@v1',
        component: 'web',
        ref: 'v1',
        commit: 'c0ffee',
        images: [
          {
            digest: sampleDigest('1'),
            mediaType: 'application/vnd.oci.image.manifest.v1+json',
            size: 2048,
            names: ['app:1'],
            outputs: ['push'],
            sentBytes: 1024,
            reusedBytes: 512,
          },
        ],
        platforms: [
          { platform: 'linux/amd64', digest: sampleDigest('1'), size: 2048, sentBytes: 1024, seconds: 1.234 },
        ],
      },
    ],
    sharing: { separateSeconds: 60, seconds: 21.5 },
  });
});
