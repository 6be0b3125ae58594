import { fault } from '@onebuild/core';
import { formatPlatform, type Platform } from '@onebuild/oci';
import type { TargetSource } from '../build-options.ts';
import type { StageState } from './stage-state.ts';
import type { StageReader } from './translate-dockerfile.ts';

/** A stage of one target for one platform, as others wait for it. */
export interface StagePlace {
  readonly target: string;
  readonly platform: string;
  readonly index: number;
}

/** Finds what bindings stand for, and knows who waits for whom. */
export interface TargetStages {
  /** @throws TARGET_NOT_FOUND, PLATFORM_MISSING, PROJECT_INVALID for a circle */
  find(source: TargetSource, asker: StagePlace, platform: Platform): Promise<StageState>;
  /** Told before `asker` waits for `asked`. @throws PROJECT_INVALID when that would be forever */
  waits(asker: StagePlace, asked: StagePlace): void;
}

/** A target as bindings see it. */
export interface BoundTarget {
  readonly name: string;
  readonly platforms: readonly Platform[];
  /** `--label`s: who starts from what the target builds has them, too. */
  readonly labels: Readonly<Record<string, string>>;
  reader(platform: Platform): StageReader;
}

export function createTargetStages(targets: ReadonlyMap<string, BoundTarget>): TargetStages {
  const waiting = new Map<string, { readonly place: StagePlace; readonly asked: Map<string, StagePlace> }>();

  /** Before one target waits for another there is no circle: stages of one Dockerfile only need earlier ones. */
  let crossing = false;

  /** From `start` to `end` over what waits for what; undefined: there is no way. */
  function way(start: StagePlace, end: string): readonly StagePlace[] | undefined {
    const before = new Map<string, StagePlace | undefined>([[keyOf(start), undefined]]);
    const open = [start];
    for (let place = open.pop(); place !== undefined; place = open.pop()) {
      const key = keyOf(place);
      if (key === end) {
        const path: StagePlace[] = [];
        for (let at: StagePlace | undefined = place; at !== undefined; at = before.get(keyOf(at)))
          path.unshift(at);
        return path;
      }
      for (const [next, asked] of waiting.get(key)?.asked ?? []) {
        if (before.has(next)) continue;
        before.set(next, place);
        open.push(asked);
      }
    }
    return undefined;
  }

  function waits(asker: StagePlace, asked: StagePlace): void {
    const circle = crossing ? way(asked, keyOf(asker)) : undefined;
    if (circle !== undefined) {
      const names = [asker, ...circle].map(({ target }) => target);
      const path = names.filter((name, at) => at === 0 || name !== names[at - 1]);
      if (path.length === 1) path.push(...path);
      throw fault('PROJECT_INVALID', `targets need each other in a circle: ${path.join(' -> ')}`, {
        hint: 'Bind one of them to a stage that does not need the others.',
      });
    }
    const key = keyOf(asker);
    const known = waiting.get(key) ?? { place: asker, asked: new Map<string, StagePlace>() };
    waiting.set(key, known);
    known.asked.set(keyOf(asked), asked);
  }

  return {
    waits,
    async find(source, asker, platform) {
      const target = targets.get(source.target);
      if (target === undefined)
        throw fault('TARGET_NOT_FOUND', `there is no target ${source.target} to take files from`, {
          hint: `Targets of this build: ${[...targets.keys()].join(', ')}.`,
        });
      const wanted = platformFor(target, platform);
      const reader = target.reader(wanted);
      const { index } = reader.stage(source.stage);
      crossing = true;
      waits(asker, { target: target.name, platform: formatPlatform(wanted), index });
      const state = await reader.state(index);
      if (source.stage !== undefined || Object.keys(target.labels).length === 0) return state;
      return { ...state, config: { ...state.config, Labels: { ...state.config.Labels, ...target.labels } } };
    },
  };
}

function keyOf({ target, platform, index }: StagePlace): string {
  return JSON.stringify([target, platform, index]);
}

function platformFor({ name, platforms }: BoundTarget, platform: Platform): Platform {
  const text = formatPlatform(platform);
  const same = platforms.find((one) => formatPlatform(one) === text);
  const [only, ...more] = platforms;
  if (same !== undefined) return same;
  if (only !== undefined && more.length === 0) return only;
  throw fault(
    'PLATFORM_MISSING',
    `target ${name} is not built for ${text}, but for ${platforms.map(formatPlatform).join(', ')}`,
    { hint: `Add ${text} to the platforms of ${name}.` },
  );
}
