import type { Results } from '../measure/results.ts';

type Finding = (results: Results) => string;

/** What bounds a shape, how far from that it is, and what would move it; by shape. */
export const findings: Readonly<Record<string, Finding>> = {};
