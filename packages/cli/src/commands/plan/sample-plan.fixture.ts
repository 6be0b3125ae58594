import type { BuildPlan, PlannedBox, PlannedStep } from '@onebuild/engine';

type Draft = Partial<Omit<PlannedStep, 'id' | 'boxes' | 'targets'>> & Pick<PlannedStep, 'kind' | 'name'>;

/** A plan from its steps (each after its inputs) and its boxes; who stands on what is worked out. */
export function samplePlan(drafts: readonly Draft[], boxes: readonly PlannedBox[]): BuildPlan {
  const users = drafts.map(() => new Set<number>());
  for (const [box, { step }] of boxes.entries()) {
    const open = [step];
    for (let id = open.pop(); id !== undefined; id = open.pop()) {
      if (users[id]?.has(box) === true) continue;
      users[id]?.add(box);
      open.push(...(drafts[id]?.inputs ?? []));
    }
  }
  const steps = drafts.map((draft, id): PlannedStep => {
    const own = [...(users[id] ?? [])].sort((a, b) => a - b);
    const targets = [...new Set(own.map((box) => boxes[box]?.target ?? ''))];
    return { inputs: [], quiet: false, status: 'cached', ...draft, id, boxes: own, targets };
  });
  return { boxes, steps };
}

/** Three variants for two platforms: a builder for all, a base for each platform, and two steps of each box. */
export function variantsPlan(): BuildPlan {
  const steps: Draft[] = [
    { kind: 'context', name: 'load context', quiet: true },
    { kind: 'image', name: 'FROM golang:1.22@sha256:0123456789ab', stage: 'builder' },
    {
      kind: 'copy',
      name: 'COPY src .',
      stage: 'builder',
      inputs: [1, 0],
      status: 'run',
      why: 'file src/a changed',
    },
    { kind: 'exec', name: 'RUN make', stage: 'builder', inputs: [2], status: 'open', ms: 42_100 },
  ];
  const boxes: PlannedBox[] = [];
  for (const platform of ['linux/amd64', 'linux/arm64']) {
    steps.push({ kind: 'image', name: 'FROM debian:12@sha256:abcdefabcdef', stage: 'stage-1' });
    const base = steps.length - 1;
    for (const variant of ['standard', 'kylinv10', 'oel22']) {
      steps.push({ kind: 'copy', name: `COPY ${variant} /etc/`, stage: 'stage-1', inputs: [base, 0] });
      steps.push({
        kind: 'copy',
        name: 'COPY --from=builder /out /usr/bin/app',
        stage: 'stage-1',
        inputs: [steps.length - 1, 3],
        status: 'open',
      });
      boxes.push({ target: `helper.${variant}`, platform, step: steps.length - 1 });
    }
  }
  return samplePlan(steps, boxes);
}

/** As many boxes of one shape, each on a base of its own. */
export function alikePlan(count: number): BuildPlan {
  const steps: Draft[] = [
    { kind: 'image', name: 'FROM golang:1.22', stage: 'builder' },
    {
      kind: 'exec',
      name: 'RUN make',
      stage: 'builder',
      inputs: [0],
      status: 'run',
      why: 'asked to run anew',
    },
  ];
  const boxes: PlannedBox[] = [];
  for (let at = 1; at <= count; at++) {
    const name = `v${String(at).padStart(3, '0')}`;
    steps.push({ kind: 'image', name: `FROM base:${name}`, stage: 'stage-1' });
    steps.push({
      kind: 'copy',
      name: 'COPY --from=builder /out /',
      stage: 'stage-1',
      inputs: [steps.length - 1, 1],
      status: 'open',
    });
    boxes.push({ target: `helper.${name}`, platform: 'linux/amd64', step: steps.length - 1 });
  }
  return samplePlan(steps, boxes);
}
