import { chooseSandbox } from './choose-sandbox.ts';
import { makeLayer, runLine } from './sandbox.fixture.ts';

/* Runs `sleep SECONDS` in a sandbox and waits for it: `node hold-sandbox.fixture.ts FOLDER RUNTIME SECONDS MEMORY`. */
const [folder = '', prefer = '', seconds = '', memory = ''] = process.argv.slice(2);
const sandbox = await chooseSandbox({ prefer: prefer as 'crun', rootless: false, tempDir: `${folder}/tmp` });
const told = {
  ...sandbox,
  run: (spec, io) => sandbox.run(spec, { ...io, onOutput: (_, chunk) => void process.stdout.write(chunk) }),
} satisfies typeof sandbox;
const lowers = [makeLayer(`${folder}/lower`)];
const limits = memory === '' ? {} : { memory: Number(memory) };
await runLine(told, `setsid sleep ${seconds} & echo started; sleep ${seconds}`, { folder, lowers, limits });
