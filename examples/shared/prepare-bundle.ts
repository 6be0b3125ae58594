// Makes the bundle of umoci fit for a script: no terminal, and the emulator in front of the program where one is needed.
// prepare-bundle.ts BUNDLE [EMULATOR]

import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** The part of a runtime's config.json that is changed here (OCI runtime specification, config.md). */
interface RuntimeConfig {
  process: {
    terminal?: boolean;
    user: { uid: number; gid: number };
    args: string[];
    env: readonly string[];
  };
  mounts: { destination: string; source: string; type: string; options: readonly string[] }[];
  linux: {
    readonly uidMappings?: readonly { readonly containerID: number; readonly size: number }[];
    namespaces: { readonly type: string }[];
  };
}

const [, , bundle = '.', emulator] = process.argv;
const file = join(bundle, 'config.json');
const config = JSON.parse(readFileSync(file, 'utf8')) as RuntimeConfig;
config.process.terminal = false;
// Without root umoci maps one id, and the program runs as that one, whatever the image says; and it leaves the box in the network of
// the machine, where two servers would get in each other's way.
const { uidMappings = [], namespaces } = config.linux;
const { uid } = config.process.user;
const isMapped = uidMappings.some(({ containerID, size }) => uid >= containerID && uid < containerID + size);
if (uidMappings.length > 0 && !isMapped) config.process.user = { uid: 0, gid: 0 };
if (!namespaces.some(({ type }) => type === 'network')) namespaces.push({ type: 'network' });
if (emulator !== undefined) {
  const [program = '', ...rest] = config.process.args;
  config.process.args = ['/.emulator', findProgram(program, config.process.env), ...rest];
  config.mounts.push({
    destination: '/.emulator',
    source: emulator,
    type: 'bind',
    options: ['bind', 'ro'],
  });
}
writeFileSync(file, JSON.stringify(config));

/** The whole path of a program in the box, as its PATH says: an emulator does not search. */
function findProgram(program: string, env: readonly string[]): string {
  if (program.includes('/')) return program;
  const path = env.find((entry) => entry.startsWith('PATH='))?.slice('PATH='.length) ?? '/usr/bin:/bin';
  const folder = path.split(':').find((entry) => existsSync(join(bundle, 'rootfs', entry, program)));
  return folder === undefined ? program : join(folder, program);
}
