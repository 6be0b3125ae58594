import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Command } from 'commander';
import { spellBooleanFlags } from './spell-boolean-flags.ts';

const program = new Command();
program
  .command('build')
  .option('--push')
  .option('--no-cache')
  .option('-q, --quiet')
  .option('-t, --tag <name>')
  .option('--build-arg <x>');
const spell = (line: string): string => spellBooleanFlags(line.split(' '), program).join(' ');

test("the forms of Go's flag parser", () => {
  assert.equal(spell('build --push=true --no-cache=1 -q=t .'), 'build --push --no-cache -q .');
  assert.equal(spell('build --push=false --no-cache=F .'), 'build .');
  assert.equal(spell('build -t=name --tag=other .'), 'build -t name --tag=other .');
});

test('values and what follows -- stay', () => {
  assert.equal(
    spell('build --build-arg --push=false -- --push=true'),
    'build --build-arg --push=false -- --push=true',
  );
  assert.equal(spell('build --push=maybe'), 'build --push=maybe');
});
