/** Stands at the top of every page that is made. */
export const notice = '<!-- Made by scripts/generate-reference.ts from the code. Do not edit. -->';
