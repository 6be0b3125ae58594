const plainAscii = /^[\u0020-\u007e]*$/;
/** Made at the first text that needs it: its tables take longer than everything else here. */
let segmenter: Intl.Segmenter | undefined;

/** Columns that `text` takes in a terminal; wide characters (East Asian, emoji) take two. */
export function textWidth(text: string): number {
  if (plainAscii.test(text)) return text.length;
  let width = 0;
  for (const { segment } of graphemes(text)) width += clusterWidth(segment);
  return width;
}

/** `text` in at most `width` columns; what is cut off is shown as `…`. */
export function fitText(text: string, width: number): string {
  if (width <= 0) return '';
  if (textWidth(text) <= width) return text;
  let used = 0;
  let kept = '';
  for (const { segment } of graphemes(text)) {
    const next = clusterWidth(segment);
    if (used + next > width - 1) break;
    kept += segment;
    used += next;
  }
  return `${kept}…`;
}

function graphemes(text: string): Intl.Segments {
  segmenter ??= new Intl.Segmenter(undefined, { granularity: 'grapheme' });
  return segmenter.segment(text);
}

function clusterWidth(cluster: string): number {
  // here, because reading properties of all characters takes time that most texts don't ask for
  if (/^[\p{Mark}\p{Default_Ignorable_Code_Point}\p{Control}]+$/v.test(cluster)) return 0;
  // with a default as a picture, with the selector for pictures, or a flag (Unicode Technical Standard 51)
  if (/^\p{Emoji_Presentation}|\ufe0f|^\p{Regional_Indicator}{2}/u.test(cluster)) return 2;
  return isWide(cluster.codePointAt(0) ?? 0) ? 2 : 1;
}

/** Unicode Standard Annex 11, classes W and F, in ranges. */
function isWide(point: number): boolean {
  if (point < 0x1100) return false;
  return (
    point <= 0x115f ||
    (point >= 0x2e80 && point <= 0x303e) ||
    (point >= 0x3041 && point <= 0xa4cf) ||
    (point >= 0xa960 && point <= 0xa97f) ||
    (point >= 0xac00 && point <= 0xd7a3) ||
    (point >= 0xf900 && point <= 0xfaff) ||
    (point >= 0xfe30 && point <= 0xfe6f) ||
    (point >= 0xff00 && point <= 0xff60) ||
    (point >= 0xffe0 && point <= 0xffe6) ||
    (point >= 0x1f300 && point <= 0x1faff) ||
    (point >= 0x20000 && point <= 0x3fffd)
  );
}
