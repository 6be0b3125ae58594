import type { ShellCommand } from './split-shell.ts';

/** A call of a package manager. */
export interface PackageCall {
  /** `apt-get`, `apk`, `pip`, ... without folder and version (`pip3.11` is `pip`). */
  readonly manager: string;
  /** `install`, `update`, ... */
  readonly verb: string;
  readonly flags: readonly string[];
  /** Arguments behind the verb. */
  readonly names: readonly string[];
}

const managers = new Map([
  ['apt-get', 'apt-get'],
  ['apt', 'apt'],
  ['aptitude', 'aptitude'],
  ['yum', 'yum'],
  ['dnf', 'dnf'],
  ['microdnf', 'dnf'],
  ['zypper', 'zypper'],
  ['apk', 'apk'],
  ['pip', 'pip'],
  ['npm', 'npm'],
  ['yarn', 'yarn'],
  ['pnpm', 'pnpm'],
  ['go', 'go'],
  ['cargo', 'cargo'],
  ['mvn', 'mvn'],
  ['mvnw', 'mvn'],
  ['gradle', 'gradle'],
  ['gradlew', 'gradle'],
  ['bundle', 'bundle'],
  ['composer', 'composer'],
  ['dotnet', 'dotnet'],
  ['poetry', 'poetry'],
  ['uv', 'uv'],
]);

/** Flags whose value is the next word. */
const takesValue = new Set([
  '-o',
  '-t',
  '-c',
  '-r',
  '-f',
  '--repository',
  '-X',
  '--virtual',
  '--requirement',
]);

/** Name of the program, without folder and without sudo in front of it. */
export function programOf({ words }: ShellCommand): string {
  const own =
    words[0]?.text === 'sudo' ? words.find(({ text }, i) => i > 0 && !text.startsWith('-')) : words[0];
  return own?.text.slice(own.text.lastIndexOf('/') + 1) ?? '';
}

/** What a command asks of a package manager; undefined where it is none. */
export function readPackageCall(command: ShellCommand): PackageCall | undefined {
  const program = programOf(command);
  const texts = command.words.map(({ text }) => text);
  let from = texts.findIndex((text) => text.endsWith(program)) + 1;
  let manager = managers.get(program.replace(/^pip[0-9.]+$/, 'pip'));
  if (/^python[0-9.]*$/.test(program) && texts[from] === '-m' && texts[from + 1] === 'pip') {
    manager = 'pip';
    from += 2;
  }
  if (manager === undefined) return undefined;
  const flags: string[] = [];
  const names: string[] = [];
  for (let at = from; at < texts.length; at++) {
    const text = texts[at] ?? '';
    if (/^\d*[<>]/.test(text)) continue;
    if (!text.startsWith('-') || text === '-') {
      names.push(text);
      continue;
    }
    flags.push(text);
    if (takesValue.has(text)) {
      const value = texts[++at];
      if (value !== undefined) flags.push(value);
    }
  }
  const [verb = '', ...rest] = names;
  return { manager, verb, flags, names: rest };
}

/** Whether it installs packages of the system. */
export function installsPackages({ manager, verb }: PackageCall): boolean {
  if (manager === 'apk') return verb === 'add';
  if (manager === 'zypper') return verb === 'install' || verb === 'in';
  return systemManagers.has(manager) && (verb === 'install' || verb === 'build-dep');
}

const systemManagers = new Set(['apt-get', 'apt', 'aptitude', 'yum', 'dnf']);

/** Whether it fetches what a program depends on, by a list that is part of the sources. */
export function installsDependencies(call: PackageCall): boolean {
  const { manager, verb, names, flags } = call;
  switch (manager) {
    case 'npm':
      return ['ci', 'install', 'i'].includes(verb) && names.length === 0 && !isGlobal(flags);
    case 'yarn':
      return verb === '' || verb === 'install';
    case 'pnpm':
    case 'composer':
    case 'poetry':
    case 'bundle':
      return verb === 'install' || (manager === 'pnpm' && verb === 'i');
    case 'pip':
      return verb === 'install' && flags.some((flag) => /^(?:-r|--requirement)/.test(flag));
    case 'uv':
      return verb === 'sync';
    case 'go':
      return (
        (verb === 'mod' && names[0] === 'download') || (verb === 'build' && !flags.includes('-mod=vendor'))
      );
    case 'cargo':
      return verb === 'fetch' || (verb === 'build' && !flags.includes('--offline'));
    case 'mvn':
      return verb.startsWith('dependency:') || ['package', 'install', 'verify', 'clean'].includes(verb);
    case 'gradle':
      return ['build', 'assemble', 'bootJar', 'dependencies', 'clean'].includes(verb);
    case 'dotnet':
      return verb === 'restore';
    default:
      return installsPackages(call) && names.every((name) => !name.includes('/'));
  }
}

export function isGlobal(flags: readonly string[]): boolean {
  return flags.includes('-g') || flags.includes('--global');
}
