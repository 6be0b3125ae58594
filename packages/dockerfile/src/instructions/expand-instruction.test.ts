import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isFault } from '@onebuild/core';
import { expandInstruction } from './expand-instruction.ts';
import type { Instruction } from './instruction.ts';
import { parseDockerfile } from './parse-dockerfile.ts';

const env = new Map([
  ['A', 'one'],
  ['LIST', '80 90/udp'],
  ['SPACE', 'x y'],
]);

function expand<K extends Instruction['kind']>(
  kind: K,
  ...lines: string[]
): Extract<Instruction, { kind: K }> {
  return expandAll(kind, ...lines).instruction;
}

function expandAll<K extends Instruction['kind']>(kind: K, ...lines: string[]) {
  const file = parseDockerfile(['FROM scratch', ...lines].join('\n'), { name: 'Dockerfile' });
  const instruction = file.stages[0]?.instructions.find(
    (one): one is Extract<Instruction, { kind: K }> => one.kind === kind,
  );
  assert.ok(instruction);
  return expandInstruction(instruction, env, file);
}

function refuses(line: string, message: RegExp): void {
  const file = parseDockerfile(`FROM scratch\n${line}`, { name: 'Dockerfile' });
  const [instruction] = file.stages[0]?.instructions ?? [];
  assert.ok(instruction);
  assert.throws(
    () => expandInstruction(instruction, env, file),
    (error) => {
      assert.ok(isFault(error, 'DOCKERFILE_INSTRUCTION', 'DOCKERFILE_EXPANSION'), String(error));
      assert.match(error.message, message);
      assert.match(error.location?.snippet ?? '', /2 \| >>>/);
      return true;
    },
  );
}

test('ENV sees the environment before its line, names and values expand', () => {
  const { instruction, unmatched } = expandAll('ENV', 'ENV A=two B=$A ${A}x="$NO" C=$NO');
  assert.deepEqual(
    instruction.variables.map(({ name, value }) => [name, value]),
    [
      ['A', 'two'],
      ['B', 'one'],
      ['onex', ''],
      ['C', ''],
    ],
  );
  assert.deepEqual(unmatched, ['NO']);
});

test('ARG sees earlier arguments of its line; a value from outside is taken as it is', () => {
  const file = parseDockerfile('FROM scratch\nARG a=$A b=${a}! c=${NO:?} d', { name: 'Dockerfile' });
  const [arg] = file.stages[0]?.instructions ?? [];
  assert.ok(arg?.kind === 'ARG');
  const argValue = ({ name }: { name: string }) => (name === 'c' ? '$raw' : undefined);
  assert.deepEqual(expandInstruction(arg, env, { ...file, argValue }).instruction.args, [
    { name: 'a', value: 'one' },
    { name: 'b', value: 'one!' },
    { name: 'c', value: '$raw' },
    { name: 'd' },
  ]);
  assert.throws(() => expandInstruction(arg, env, file), /NO: is not allowed/);
});

test('paths, owners and modes of COPY and ADD expand; from and exclude do not', () => {
  const copy = expand('COPY', 'COPY --from=x --chown=$A:$A --chmod=${NO:-755} --exclude=$A $SPACE "q" /$A');
  assert.deepEqual(
    [copy.from, copy.chown, copy.chmod, copy.exclude, copy.sources, copy.dest],
    ['x', 'one:one', '755', ['$A'], ['x y', 'q'], '/one'],
  );
  assert.equal(expand('COPY', 'COPY --chmod=$NO a b').chmod, undefined);
  assert.equal(expand('ADD', 'ADD --checksum=$A u b').checksum, 'one');
  refuses('COPY --chmod=$A a b', /no mode/);
  refuses('COPY --chmod=0888 a b', /octal/);
  refuses('ADD --checksum=x u v b', /exactly one source/);
});

test('bodies of heredocs expand with quotes as letters, unless the word is quoted', () => {
  const copy = expand('COPY', 'COPY <<E <<"F" /x', `"$A" '$A' \\$A`, 'E', '$A', 'F');
  assert.deepEqual(
    copy.inlineSources.map(({ content }) => content),
    [`"one" 'one' $A\n`, '$A\n'],
  );
});

test('EXPOSE expands to several words and is checked', () => {
  assert.deepEqual(expand('EXPOSE', 'EXPOSE $LIST 70').ports, ['80', '90/udp', '70']);
  refuses('EXPOSE $A', /no port/);
  refuses('EXPOSE 80/$A', /protocol/);
});

test('mounts are read after expansion', () => {
  const run = expand(
    'RUN',
    'RUN --mount=type=cache,target=/c/$A/,sharing=locked --mount=type=secret,id=$A,env=S x $A',
  );
  assert.deepEqual(run.mounts, [
    { type: 'cache', target: '/c/one/', readonly: false, id: '/c/one', sharing: 'locked' },
    { type: 'secret', id: 'one', env: 'S', required: false },
  ]);
  assert.deepEqual(run.command, { form: 'shell', line: 'x $A' });
  refuses('RUN --mount=type=$A,target=/x y', /mount type "one"/);
  refuses('RUN --mount=type=tmpfs,target=/../ y', /as its target/);
});

test('the others', () => {
  assert.equal(expand('WORKDIR', 'WORKDIR "/$A b"').path, '/one b');
  assert.equal(expand('USER', 'USER $A').user, 'one');
  assert.deepEqual(expand('VOLUME', 'VOLUME ["/$A"]').paths, ['/one']);
  assert.equal(expand('STOPSIGNAL', 'STOPSIGNAL ${NO:-9}').signal, '9');
  assert.deepEqual(expand('CMD', 'CMD ["$A"]').command, { form: 'exec', args: ['$A'] });
  assert.equal(expand('ONBUILD', 'ONBUILD ENV x=$A').trigger, 'ENV x=$A');
  refuses('STOPSIGNAL SIGTREM', /did you mean SIGTERM/);
  refuses('STOPSIGNAL 0', /no signal/);
  refuses('VOLUME $NO', /empty/);
  refuses('LABEL a="${NO:?say it}"', /NO: say it/);
});

test('FROM needs a base after expansion', () => {
  const { stages, ...file } = parseDockerfile('FROM --platform=$P x:$T AS y\nFROM $NO', {
    name: 'Dockerfile',
  });
  const values = new Map([
    ['P', 'linux/arm64'],
    ['T', '1'],
  ]);
  const [first, second] = stages;
  assert.ok(first !== undefined && second !== undefined);
  const { base, platform, name } = expandInstruction(first.from, values, file).instruction;
  assert.deepEqual([base, platform, name], ['x:1', 'linux/arm64', 'y']);
  assert.throws(() => expandInstruction(second.from, values, file), /empty \(NO not set\)/);
  assert.throws(() => expandInstruction(first.from, new Map([['T', '1']]), file), /platform \$P is empty/);
});
