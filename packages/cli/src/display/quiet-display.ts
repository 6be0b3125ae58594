import { BuildRecord, unseenLines } from './build-record.ts';
import { renderFailure } from './build-summary.ts';
import type { Display, DisplayTarget } from './display.ts';
import type { Palette } from './palette.ts';

/** Shows nothing but what a step that failed wrote last; the command prints the image's id at the end. */
export function createQuietDisplay(target: DisplayTarget, palette: Palette): Display {
  const record = new BuildRecord(unseenLines);
  return {
    show(event) {
      record.take(event);
    },
    end() {
      if (record.finish?.ok === true) return;
      const lines = renderFailure(record, palette);
      if (lines.length > 0) target.write(`${lines.join('\n')}\n`);
    },
  };
}
