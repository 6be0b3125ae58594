import { type NamedOutput, nameOutputs } from './name-outputs.ts';
import type { OutputsReport, ReportedTarget } from './outputs-report.ts';

/** `lines`: `key=value`; `json`: everything. */
export type OutputsForm = 'lines' | 'json';

export function formOfOutputs(path: string): OutputsForm {
  return /\.json$/i.test(path) ? 'json' : 'lines';
}

/** The text of an outputs file, with a line end; empty where there is no image. docs/guide/ci.md describes both forms. */
export function renderOutputs(report: OutputsReport, form: OutputsForm): string {
  const outputs = nameOutputs(report);
  return form === 'lines' ? renderLines(outputs) : `${JSON.stringify(toJson(report, outputs), null, 2)}\n`;
}

/** As GitHub ($GITHUB_OUTPUT) and GitLab (dotenv reports) read them: no quotes, no empty lines. */
function renderLines(outputs: readonly NamedOutput[]): string {
  return outputs.map(([key, value]) => `${key}=${value.replaceAll(/[\r\n]/g, ' ')}\n`).join('');
}

function toJson({ targets, sharing }: OutputsReport, outputs: readonly NamedOutput[]): unknown {
  return {
    schemaVersion: 1,
    outputs: Object.fromEntries(outputs),
    targets: targets.map(targetToJson),
    sharing: { separateSeconds: seconds(sharing.separateMs), seconds: seconds(sharing.ms) },
  };
}

function targetToJson(target: ReportedTarget): unknown {
  const { name, app, component, variant, version, ref, commit, images, platforms } = target;
  return {
    ...(name !== '' && { name }),
    app,
    component,
    variant,
    version,
    ref,
    commit,
    images: images.map(({ digest, mediaType, size, names, outputs, sentBytes, reusedBytes }) => ({
      digest,
      mediaType,
      size,
      names,
      outputs,
      sentBytes,
      reusedBytes,
    })),
    platforms: platforms.map(({ platform, digest, size, sentBytes, ms }) => ({
      platform,
      digest,
      size,
      sentBytes,
      seconds: seconds(ms),
    })),
  };
}

function seconds(ms: number): number {
  return Math.round(ms) / 1000;
}
