import type { PlannedStep } from '@onebuild/engine';
import { formatDuration } from '../../display/format-amounts.ts';
import type { Palette } from '../../display/palette.ts';
import { fitText, textWidth } from '../../display/text-width.ts';
import { nameBoxes, nameSharing, oneLine } from './name-boxes.ts';
import { countPlan, renderTotals } from './plan-totals.ts';
import { isShown, type PlanBlock, type PlanView } from './plan-view.ts';

/** Lines that are printed of the steps. */
const mostLines = 2000;
/** Columns of an instruction that are shown whatever stands behind it. */
const leastName = 28;

const marks = { cached: '✓', run: '●', open: '○' } as const;

/** A plan for people: chains of steps, each step once, in at most `columns` columns. */
export function renderTree(
  view: PlanView,
  { palette, columns }: { readonly palette: Palette; readonly columns: number },
): string[] {
  const lines = view.blocks.flatMap((block) => [...renderBlock(view, block, { palette, columns }), '']);
  const cut = lines.length - mostLines;
  return [
    ...lines.slice(0, mostLines),
    ...(cut > 0 ? [`... ${cut} more lines; --format json has everything`, ''] : []),
    palette.dim(
      `${marks.cached} cached  ${marks.run} runs  ${marks.open} runs, unless what it stands on comes out as before`,
    ),
    ...renderTotals(countPlan(view.plan)),
  ];
}

interface TreeStyle {
  readonly palette: Palette;
  readonly columns: number;
}

function renderBlock(view: PlanView, block: PlanBlock, style: TreeStyle): string[] {
  const { palette, columns } = style;
  const onto = block.onto === undefined ? undefined : view.numbers.get(block.onto.id);
  const isMixed = new Set(block.steps.filter(isOwn).map(({ stage }) => stage)).size > 1;
  const title = fitText(blockTitle(view, block), columns);
  return [
    palette.bold(title),
    ...(onto === undefined ? [] : [`│  ${palette.dim(`on top of ${onto}`)}`]),
    ...block.steps.map((step, at) => {
      const branch = at === block.steps.length - 1 ? '└─' : '├─';
      const stage = isMixed && step.stage !== undefined ? `[${oneLine(step.stage)}] ` : '';
      return renderStep(view, { block, step, at, start: `${branch} `, stage }, style);
    }),
  ];
}

/** Which boxes a chain ends in; else of which stage it is, and who shares it. */
export function blockTitle({ plan }: PlanView, { steps, ends, alike }: PlanBlock): string {
  const users = alike.flatMap((chain) => chain.steps[0]?.boxes ?? []);
  if (ends.length > 0) {
    const others = users.filter((box) => !ends.includes(box));
    const shared = others.length === 0 ? '' : `, shared by ${nameSharing(plan, users)}`;
    return `${nameBoxes(plan, ends)}${shared}`;
  }
  const isBase = steps.every((step) => !isOwn(step));
  const stage = isBase ? 'base' : `stage ${oneLine(steps.at(-1)?.stage ?? '')}`;
  const count = alike.length > 1 ? ` (${alike.length} alike)` : '';
  const boxes = [...new Set(users)];
  if (plan.boxes.length < 2) return `${stage}${count}`;
  return `${stage}${count}, ${boxes.length > alike.length ? 'shared by' : 'for'} ${nameSharing(plan, boxes)}`;
}

/** A FROM line is one for all stages that start alike. */
function isOwn({ kind }: PlannedStep): boolean {
  return kind !== 'image' && kind !== 'files';
}

interface StepPlace {
  readonly block: PlanBlock;
  readonly step: PlannedStep;
  readonly at: number;
  readonly start: string;
  readonly stage: string;
}

function renderStep(
  view: PlanView,
  { block, step, at, start, stage }: StepPlace,
  { palette, columns }: TreeStyle,
): string {
  const number = String(view.numbers.get(step.id) ?? '').padStart(String(view.drawn).length);
  const count = new Set(block.alike.map(({ steps }) => steps[at]?.id)).size;
  const times = count > 1 ? `${count}x ` : '';
  const reason = oneLine(reasonOf(view, block, { step, at }));
  const head = `${start}${marks[step.status]} ${number} ${times}`;
  const room = columns - textWidth(head);
  const name = `${stage}${oneLine(step.name)}`;
  const nameRoom = reason === '' ? room : Math.max(leastName, room - textWidth(reason) - 3);
  const shownName = fitText(name, Math.min(room, nameRoom));
  const reasonRoom = room - textWidth(shownName) - 3;
  const colour = { cached: palette.good, run: palette.warn, open: palette.active }[step.status];
  const tail = reason === '' || reasonRoom < 8 ? '' : palette.dim(` - ${fitText(reason, reasonRoom)}`);
  return `${start}${colour(marks[step.status])} ${number} ${times}${shownName}${tail}`;
}

/** Why a step is to run, and how long it took before. */
export function reasonOf(
  view: PlanView,
  block: PlanBlock,
  { step, at }: { readonly step: PlannedStep; readonly at: number },
): string {
  const whys = new Set(block.alike.map(({ steps }) => steps[at]?.why));
  const why = whys.size > 1 && step.why !== undefined ? `${step.why}, or the like` : step.why;
  const after = step.status === 'open' ? waitsFor(view, step) : [];
  const parts = [
    ...(why === undefined ? [] : [why]),
    ...(after.length === 0 ? [] : [`after ${after.join(', ')}`]),
    ...(step.ms === undefined ? [] : [`about ${formatDuration(step.ms)}`]),
  ];
  return parts.join('; ');
}

/** Numbers of the steps that have to run first. */
function waitsFor({ plan, numbers }: PlanView, step: PlannedStep): readonly number[] {
  const found = new Set<number>();
  const open = [...step.inputs];
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    const input = plan.steps[id];
    if (input === undefined || input.status === 'cached') continue;
    const number = numbers.get(id);
    if (isShown(input) && number !== undefined) found.add(number);
    else open.push(...input.inputs);
  }
  return [...found].sort((a, b) => a - b);
}
