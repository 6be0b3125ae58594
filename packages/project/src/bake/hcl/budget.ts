import { fault } from '@onebuild/core';

/** What the evaluation of hostile expressions may cost: every step and every character that is made is paid from it. */
export interface Budget {
  left: number;
}

const most = 20_000_000;

export function createBudget(): Budget {
  return { left: most };
}

export function spend(budget: Budget, amount: number): void {
  budget.left -= amount;
  if (budget.left < 0) {
    throw fault('PROJECT_INVALID', 'the values of the file are too large, or take too long to make', {
      hint: 'Write smaller lists and texts, and fewer loops in each other.',
    });
  }
}
