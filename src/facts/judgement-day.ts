import { defineFact } from '../engine/define.ts';

/** The day by the host's clock, YYYY-MM-DD in UTC, by which dates are judged. */
export const judgementDay = defineFact<string>({
  id: 'judgement-day',
  description: 'The day on which the image is judged.',
  reads: [],
  compute: ({ host }) => host.now().toISOString().slice(0, 10),
});
