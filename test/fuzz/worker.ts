/** Judges samples for the process that started it, which ends it when one takes too long. */
import { Bench } from './bench.ts';
import { fromText } from './patch.ts';

export interface Request {
  readonly image: string;
  readonly bytes: readonly string[];
  readonly length?: number;
}

export interface Answer {
  readonly outcome: string;
  readonly defects: readonly string[];
  /** Of the processor. */
  readonly seconds: number;
  /** The most that the process ever had in memory, in MiB. */
  readonly mebibytes: number;
}

const [images = '', folder = ''] = process.argv.slice(2);
const benches = new Map<string, Bench>();

process.on('message', (request: Request) => {
  void answer(request).then((value) => process.send?.(value));
});

async function answer({ image, bytes, length }: Request): Promise<Answer> {
  const bench = benches.get(image) ?? new Bench(images, image, folder);
  benches.set(image, bench);
  const before = process.cpuUsage();
  const judgement = await bench.judge({ changes: fromText(bytes), ...(length !== undefined && { length }) });
  const { user, system } = process.cpuUsage(before);
  return { ...judgement, seconds: (user + system) / 1_000_000, mebibytes: process.resourceUsage().maxRSS / 1024 };
}
