import type { Report } from './lint-dockerfile.ts';
import { installsPackages, programOf, readPackageCall } from './read-install.ts';
import type { StageView } from './stage-view.ts';

const buildTool =
  /^(?:build-essential|build-base|gcc|g\+\+|clang|make|cmake|ninja-build|autoconf|automake|maven|gradle|rustc|cargo|golang(?:-go)?|gcc-c\+\+|base-devel|openjdk.*-jdk(?:-headless)?|java-.*-openjdk-devel|.*-dev|.*-devel)$/;
const buildBase =
  /(?:^|\/)(?:maven|gradle|golang|rust|gcc):|(?:^|\/)(?:openjdk|eclipse-temurin|amazoncorretto):[\w.-]*jdk/;
const unprivileged = /nonroot|unprivileged|rootless/i;

/** Checks of what the image is made of in the end. */
export function checkFinalStage(
  views: readonly StageView[],
  { baseOf }: { readonly baseOf: (written: string) => string },
  report: Report,
): void {
  const own = views.filter(({ inImage }) => inImage);
  for (const view of own) checkTools(view, report);
  const last = views.at(-1);
  const [first] = own;
  if (last === undefined || first === undefined) return;
  // the others stand on the first one
  const base = baseOf(first.stage.base);
  if (buildBase.test(base)) {
    report(
      'BuildToolsInFinalStage',
      `The image stands on '${base}', which has tools to build with`,
      first.stage.from,
    );
  }
  const hasUser = own.some(({ stage }) => stage.instructions.some(({ kind }) => kind === 'USER'));
  const starts = last.stage.instructions.some(({ kind }) => kind === 'CMD' || kind === 'ENTRYPOINT');
  if (!hasUser && starts && !unprivileged.test(base)) {
    report('MissingUser', 'The program runs as root, unless the base says otherwise', last.stage.from);
  }
}

function checkTools({ runs }: StageView, report: Report): void {
  for (const { instruction, commands, outside } of runs) {
    if (outside.some((path) => path === '/usr')) continue;
    const removes = commands.some((command) => {
      const words = command.words.map(({ text }) => text);
      return (
        /^(?:apt-get|apt|yum|dnf|microdnf|apk)$/.test(programOf(command)) &&
        words.some((word) => /^(?:purge|remove|autoremove|del|erase)$/.test(word))
      );
    });
    if (removes) continue;
    const tools = commands
      .map(readPackageCall)
      .filter((call) => call !== undefined && installsPackages(call))
      .flatMap((call) => call?.names ?? [])
      .map((name) => name.split(/[=<>~]/, 1)[0] ?? '')
      .filter((name) => buildTool.test(name));
    if (tools.length === 0) continue;
    const shown = tools.slice(0, 3).join(', ') + (tools.length > 3 ? ', ...' : '');
    report('BuildToolsInFinalStage', `${shown}: only needed to build, but part of the image`, instruction);
  }
}
