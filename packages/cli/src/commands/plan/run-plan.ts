import type { BuildEvent } from '@onebuild/core';
import type { CliContext } from '../../cli-context.ts';
import { cleanLine } from '../../display/clean-text.ts';
import { createPalette } from '../../display/palette.ts';
import { type CacheAccess, findCacheAccess } from '../../settings/cache-access.ts';
import { findStoreHome } from '../../settings/store-home.ts';
import { wantsColours } from '../../settings/wants-colours.ts';
import { findPrivilege, runInUserNamespace } from '../../user-namespace.ts';
import { type ResolvedBuild, resolveBuild } from '../build/resolve-build.ts';
import type { PlanFlags } from './define-plan.ts';
import { describePlan } from './describe-plan.ts';
import { createPlanView, type PlanView } from './plan-view.ts';
import { renderDot } from './render-dot.ts';
import { renderMermaid } from './render-mermaid.ts';
import { renderTree } from './render-tree.ts';

/** Columns where the output is no terminal. */
const usualColumns = 120;

/** `onebuild plan`: what `onebuild build` with these words and flags would do. */
export async function runPlan(
  context: CliContext,
  words: readonly string[],
  flags: PlanFlags,
): Promise<void> {
  const privilege = findPrivilege(context);
  if (privilege === 'user') {
    const home = findStoreHome(context, flags.home);
    context.exitCode = await runInUserNamespace(context, { ONEBUILD_HOME: home });
    return;
  }
  const resolved = await resolveBuild(
    context,
    { words, flags: { ...flags, cacheAccess: readingAccess(context, flags) } },
    { rootless: privilege === 'rootless', warn: () => {} },
  );
  try {
    await printPlan(context, resolved, flags);
  } finally {
    await resolved.close();
  }
}

/** Nothing is written, so keys to sign with are not looked for. */
function readingAccess(context: CliContext, { cacheAccess }: PlanFlags): CacheAccess {
  return findCacheAccess(context, cacheAccess) === 'none' ? 'none' : 'read';
}

async function printPlan(
  context: CliContext,
  { shared, targets, registries }: ResolvedBuild,
  flags: PlanFlags,
): Promise<void> {
  const { clock, signal, stdout } = context;
  const emit = (event: BuildEvent): void => {
    if (event.type !== 'warning' || !event.rule.endsWith('Platform')) return;
    context.stderr.write(`warning: ${cleanLine(event.message, { colours: false })}\n`);
  };
  const { createClient } = await import('../../settings/create-client.ts');
  const registry = await createClient(context, flags, registries);
  try {
    const { plan } = await import('@onebuild/engine');
    const options = targets.map(({ options: own }) => own);
    const made = await plan({ ...shared, checkOnly: false, targets: options, registry, clock, signal, emit });
    if (flags.format === 'json') {
      stdout.write(`${JSON.stringify(describePlan(made), null, 2)}\n`);
      return;
    }
    const lines = renderView(context, createPlanView(made), flags.format);
    stdout.write(`${lines.join('\n')}\n`);
  } finally {
    registry.close();
  }
}

function renderView(context: CliContext, view: PlanView, format: 'text' | 'dot' | 'mermaid'): string[] {
  if (format === 'dot') return renderDot(view);
  if (format === 'mermaid') return renderMermaid(view);
  const { stdout, env } = context;
  const palette = createPalette(wantsColours(env, stdout));
  return renderTree(view, { palette, columns: Math.max(40, stdout.columns || usualColumns) });
}
