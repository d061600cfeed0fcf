import { defineFact } from '../engine/define.ts';
import type { Family } from '../engine/model.ts';
import { distribution } from './distribution.ts';

/** Family of the distribution; undefined when nothing names one. */
export const family = defineFact<Family | undefined>({
  id: 'family',
  description: 'Family of the distribution, by which rules decide whether they apply.',
  reads: distribution.reads,
  async compute(context) {
    return (await context.get(distribution))?.family;
  },
});
