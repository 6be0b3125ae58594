import type { Report } from './lint-dockerfile.ts';
import { installsPackages, type PackageCall, programOf, readPackageCall } from './read-install.ts';
import type { RunView, StageView } from './stage-view.ts';

/** Checks of how package managers are called. */
export function checkPackages(views: readonly StageView[], report: Report): void {
  for (const view of views) {
    const variables = new Set(
      view.stage.instructions.flatMap((instruction) =>
        instruction.kind === 'ENV' ? instruction.variables.map(({ name }) => name) : [],
      ),
    );
    for (const run of view.runs) {
      const calls = run.commands.map(readPackageCall).filter((call) => call !== undefined);
      if (calls.length === 0) continue;
      checkFlags(calls, run, report);
      if (view.inImage) checkCaches(calls, { run, variables }, report);
    }
  }
}

function checkFlags(calls: readonly PackageCall[], { instruction, commands }: RunView, report: Report): void {
  const told = new Set<string>();
  const tell = (...[rule, message]: [Parameters<Report>[0], string]): void => {
    if (!told.has(rule)) report(rule, message, instruction);
    told.add(rule);
  };
  const setsUp = commands.some(({ words }) => words.some(({ text }) => /apt\.conf/.test(text)));
  for (const call of calls) {
    const { manager, flags, verb } = call;
    if (manager === 'apt') tell('AptInsteadOfAptGet', `Write apt-get ${verb}, not apt ${verb}`);
    const isApt = manager === 'apt-get' || manager === 'apt';
    if (!installsPackages(call)) continue;
    if (asks(call) && !setsUp && !answered(commands)) {
      tell('InstallWithoutYes', `${manager} ${verb} asks and gets no answer: add -y`);
    }
    if (
      isApt &&
      verb === 'install' &&
      !setsUp &&
      !flags.some((flag) => /no-install-recommends|Install-Recommends/.test(flag))
    ) {
      tell(
        'RecommendedPackages',
        `${manager} install without --no-install-recommends brings more than is named`,
      );
    }
  }
  const isUpdate = ({ manager, verb }: PackageCall) =>
    (manager === 'apt-get' || manager === 'apt') && verb === 'update';
  if (
    calls.some(isUpdate) &&
    commands.every((command) => /^(?:apt-get|apt|rm|echo|set)$/.test(programOf(command))) &&
    calls.every((call) => isUpdate(call) || call.verb === 'clean')
  ) {
    tell('UpdateAlone', 'The lists that this RUN fetches are old when a later RUN installs from them');
  }
}

/** A variable among the arguments may hold the flag. */
export function asks({ manager, flags, names }: PackageCall): boolean {
  if (manager === 'apk' || manager === 'zypper' || manager === 'aptitude') return false;
  if (names.some((name) => name.startsWith('$'))) return false;
  return !flags.some((flag) =>
    /^-[a-zA-Z]*y|^-qq|^-q=2|^--(?:yes|assume-yes|assumeyes)|Assume-Yes|^-\w*q\w*q/.test(flag),
  );
}

/** `yes | apt-get install` */
function answered(commands: RunView['commands']): boolean {
  return commands.some((command) => programOf(command) === 'yes');
}

interface CacheScope {
  readonly run: RunView;
  readonly variables: ReadonlySet<string>;
}

interface CacheForm {
  /** Which calls leave something behind. */
  readonly leaves: (call: PackageCall, variables: ReadonlySet<string>) => boolean;
  /** Commands that take it away. */
  readonly cleans: RegExp;
  /** Folder of the cache, as the message names it and as a mount has it. */
  readonly folder: string;
  readonly advice: string;
}

/** Commands of one RUN, words with one space between. */
const caches: readonly CacheForm[] = [
  {
    leaves: ({ manager, verb }) => (manager === 'apt-get' || manager === 'apt') && verb === 'update',
    cleans: /^(?:sudo )?(?:rm|find) .*\/var\/lib(?:\/apt|\b)/,
    folder: '/var/lib/apt/lists',
    advice: 'rm -rf /var/lib/apt/lists/*',
  },
  {
    leaves: (call) => (call.manager === 'yum' || call.manager === 'dnf') && installsPackages(call),
    cleans: /^(?:sudo )?(?:(?:micro)?dnf|yum) (?:-\S+ )*clean |^(?:sudo )?rm .*\/var\/cache/,
    folder: '/var/cache',
    advice: 'dnf clean all',
  },
  {
    leaves: (call) => call.manager === 'zypper' && installsPackages(call),
    cleans: /^(?:sudo )?zypper (?:-\S+ )*(?:clean|cc)\b|^(?:sudo )?rm .*\/var\/cache/,
    folder: '/var/cache/zypp',
    advice: 'zypper clean --all',
  },
  {
    leaves: ({ manager, verb, flags }) =>
      manager === 'apk' && (verb === 'update' || verb === 'add') && !flags.includes('--no-cache'),
    cleans: /^(?:sudo )?rm .*\/var\/cache|^apk cache clean/,
    folder: '/var/cache/apk',
    advice: 'apk add --no-cache',
  },
  {
    leaves: ({ manager, verb, flags }, variables) =>
      manager === 'pip' &&
      verb === 'install' &&
      !flags.includes('--no-cache-dir') &&
      !variables.has('PIP_NO_CACHE_DIR'),
    cleans: /^(?:sudo )?(?:rm .*\.cache|(?:python\S* -m )?pip\S* cache purge)/,
    folder: '/root/.cache',
    advice: 'pip install --no-cache-dir',
  },
  {
    leaves: ({ manager, verb }) => manager === 'npm' && ['ci', 'install', 'i'].includes(verb),
    cleans: /^(?:sudo )?(?:npm cache (?:clean|rm)|rm .*(?:\.npm|\/tmp\/))/,
    folder: '/root/.npm',
    advice: 'npm cache clean --force',
  },
];

function checkCaches(calls: readonly PackageCall[], { run, variables }: CacheScope, report: Report): void {
  const lines = run.commands.map(({ words }) => words.map(({ text }) => text).join(' '));
  for (const { leaves, cleans, folder, advice } of caches) {
    const call = calls.find((candidate) => leaves(candidate, variables));
    if (call === undefined || lines.some((line) => cleans.test(line))) continue;
    if (
      run.outside.some(
        (target) => isUnder(folder, target) || isUnder(target, folder) || target.includes('cache'),
      )
    )
      continue;
    const { manager, verb } = call;
    report('PackageCacheLeft', `${manager} ${verb} leaves files in ${folder}: ${advice}`, run.instruction);
  }
}

function isUnder(path: string, folder: string): boolean {
  return path === folder || path.startsWith(`${folder.replace(/\/$/, '')}/`);
}
