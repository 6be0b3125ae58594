import type { BuildAllResult, PlatformResult, TargetResult } from '@onebuild/engine';

/** What the project says of a target, beside its name. */
export interface TargetOrigin {
  /** As in the result. */
  readonly name: string;
  readonly app?: string | undefined;
  readonly component?: string | undefined;
  readonly variant?: string | undefined;
  readonly version?: string | undefined;
  /** What `--ref` named, and its commit. */
  readonly ref?: string | undefined;
  readonly commit?: string | undefined;
}

/** What scripts learn of a build. */
export interface OutputsReport {
  readonly targets: readonly ReportedTarget[];
  readonly sharing: BuildAllResult['sharing'];
}

export interface ReportedTarget extends TargetOrigin {
  /** In each compression that was asked for; none where only files were. */
  readonly images: TargetResult['images'];
  readonly platforms: readonly PlatformResult[];
}

/** @param origins of targets in any order; one that is not there has its name only */
export function createOutputsReport(
  { targets, sharing }: BuildAllResult,
  origins: readonly TargetOrigin[],
): OutputsReport {
  const known = new Map(origins.map((origin) => [origin.name, origin]));
  return {
    targets: targets.map(({ name, images, platforms }) => ({ ...known.get(name), name, images, platforms })),
    sharing,
  };
}
