import type { Dockerfile } from '../dockerfile.ts';
import { checkCommands } from './check-commands.ts';
import { checkFinalStage } from './check-final-stage.ts';
import { checkLayers } from './check-layers.ts';
import { checkOrder } from './check-order.ts';
import { checkPackages } from './check-packages.ts';
import { checkSources, expandBase } from './check-sources.ts';
import { checkValues } from './check-values.ts';
import { collectGlobalArgs } from './global-args.ts';
import type { LintOptions, Report } from './lint-dockerfile.ts';
import { viewStages } from './stage-view.ts';

/** What practice asks for beyond Docker's checks. */
export function checkPractice(dockerfile: Dockerfile, options: LintOptions, report: Report): void {
  const views = viewStages(dockerfile);
  checkSources(dockerfile, options, report);
  checkValues(dockerfile, report);
  checkPackages(views, report);
  checkCommands(views, report);
  checkLayers(views, report);
  checkOrder(views, report);
  const values = collectGlobalArgs(dockerfile, options.buildArgs ?? {}) ?? new Map<string, string>();
  checkFinalStage(views, { baseOf: (base) => expandBase(base, values, dockerfile) }, report);
}
