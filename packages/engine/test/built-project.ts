import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { StepStatus } from '@onebuild/core';
import { type BuildOptions, build } from '@onebuild/engine';
import { testBuildOptions } from './build-options.ts';

export interface StepOutcome {
  readonly status: StepStatus;
  readonly why?: string;
}

/** A folder and a store, built again and again. */
export function createBuiltProject(
  scratch: string,
  { files, registry }: { readonly files: Readonly<Record<string, string>> } & Pick<BuildOptions, 'registry'>,
) {
  const folder = mkdtempSync(join(scratch, 'project-'));
  const [home, context] = [join(folder, 'home'), join(folder, 'context')];
  mkdirSync(context);
  const write = (path: string, text: string): void => {
    mkdirSync(dirname(join(context, path)), { recursive: true });
    writeFileSync(join(context, path), text);
  };
  for (const [path, text] of Object.entries(files)) write(path, text);

  /** How the RUN and COPY steps went, by their names (and platforms, where there are several). */
  async function outcomes(
    text: string,
    more: Partial<BuildOptions> = {},
  ): Promise<Record<string, StepOutcome>> {
    const options = testBuildOptions({
      home,
      context: { type: 'folder', path: context },
      dockerfile: { name: 'Dockerfile', text },
      registry,
      ...more,
    });
    const names = new Map<string, string>();
    const found: Record<string, StepOutcome> = {};
    await build(options).finally(() => {
      for (const event of options.events) {
        if (event.type === 'step.started') {
          names.set(event.step, [event.platform, event.name].filter((part) => part !== undefined).join(' '));
        }
        if (event.type !== 'step.finished') continue;
        const name = names.get(event.step) ?? '';
        if (!/(?:^| )(?:RUN|COPY) /.test(name)) continue;
        const { status, why } = event;
        found[name] = { status, ...(why !== undefined && { why }) };
      }
    });
    return found;
  }

  /** Reasons of steps. */
  async function whys(
    text: string,
    more?: Partial<BuildOptions>,
  ): Promise<Record<string, string | undefined>> {
    const found = await outcomes(text, more);
    return Object.fromEntries(Object.entries(found).map(([name, { why }]) => [name, why]));
  }

  return { home, context, write, outcomes, whys };
}
