/** The program behind `npm run fuzz`; scripts/fuzz.js bundles it and its worker. */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Examiner } from './examiner.ts';
import { type Golden, imageNames, readGolden } from './images.ts';
import { mutationOf, patchOf } from './mutation.ts';
import { type KeptCase, toCase } from './patch.ts';
import { shrink } from './shrink.ts';

interface Options {
  readonly images: string;
  readonly kept: string;
  readonly seed: number;
  readonly rounds: number;
  readonly deadline: number;
}

/** Rounds of one image before the next one gets its turn. */
const TURN = 50;

export async function main(root: string, worker: string): Promise<number> {
  const { values } = parseArgs({
    options: {
      seed: { type: 'string', default: String(Math.floor(Math.random() * 2 ** 31)) },
      rounds: { type: 'string' },
      image: { type: 'string', multiple: true },
      minutes: { type: 'string' },
    },
  });
  const images = join(root, 'fixtures', 'images');
  const known = imageNames(images);
  const names = values.image ?? known;
  const stranger = names.find((name) => !known.includes(name));
  if (stranger !== undefined) throw new Error(`--image ${stranger}: there are ${known.join(', ')}`);
  const options: Options = {
    images,
    kept: join(images, 'fuzz'),
    seed: numberOf('seed', values.seed),
    rounds:
      values.rounds === undefined
        ? values.minutes === undefined
          ? 200
          : Number.POSITIVE_INFINITY
        : numberOf('rounds', values.rounds),
    deadline:
      values.minutes === undefined
        ? Number.POSITIVE_INFINITY
        : Date.now() + 60_000 * numberOf('minutes', values.minutes),
  };
  console.log(`seed ${options.seed}`);
  const folder = mkdtempSync(join(tmpdir(), 'vhd-preflight-fuzz-'));
  const examiner = new Examiner(worker, images, folder);
  try {
    return (await fuzz(names, options, examiner)) === 0 ? 0 : 1;
  } finally {
    examiner.close();
    rmSync(folder, { recursive: true });
  }
}

function numberOf(name: string, text: string): number {
  if (!/^\d+(\.\d+)?$/.test(text)) throw new Error(`--${name} takes a number, not ${text}`);
  return Number(text);
}

/** Takes the images in turns; gives the number of defects. */
async function fuzz(names: readonly string[], options: Options, examiner: Examiner): Promise<number> {
  const counts = new Map(names.map((name) => [name, new Map<string, number>()]));
  const found = new Set<string>();
  for (let from = 0; from < options.rounds && Date.now() < options.deadline; from += TURN)
    for (const name of names) {
      // Read again for each turn, as all of them would fill the memory.
      const golden = readGolden(options.images, name);
      for (let round = from; round < Math.min(from + TURN, options.rounds) && Date.now() < options.deadline; round++)
        count(counts.get(name), await sample(golden, round, options, examiner, found));
    }
  for (const [name, outcomes] of counts)
    console.log([name, ...[...outcomes].sort().map(([outcome, times]) => `${outcome} ${times}`)].join('  '));
  console.log(found.size === 0 ? 'no defect' : `${found.size} defects`);
  return found.size;
}

function count(outcomes: Map<string, number> | undefined, outcome: string): void {
  outcomes?.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
}

async function sample(
  golden: Golden,
  round: number,
  options: Options,
  examiner: Examiner,
  found: Set<string>,
): Promise<string> {
  const mutation = mutationOf(golden, options.seed, round);
  const { outcome, defects } = await examiner.examine(golden.name, patchOf(golden, mutation));
  for (const defect of defects) {
    const mark = markOf(defect);
    if (found.has(`${golden.name} ${mark}`)) continue;
    found.add(`${golden.name} ${mark}`);
    console.log(`${golden.name}, round ${round}: ${defect}`);
    const patch = await shrink(golden, mutation, async (candidate) =>
      (await examiner.examine(golden.name, candidate)).defects.some((other) => markOf(other) === mark),
    );
    keep(options.kept, golden.name, toCase(patch, firstLine(defect)));
  }
  return defects.length > 0 ? 'DEFECT' : outcome;
}

/** What tells one defect from another: its first line without numbers and paths, and where in the program it came up. */
function markOf(defect: string): string {
  const at = defect.match(/\n\s+at [^\n]*/)?.[0] ?? '';
  const first = firstLine(defect);
  return (/^(?:hang|slow|memory|absent|endless)/.exec(first)?.[0] ?? first.replace(/\/\S+|\d+/g, '…')) + at;
}

function firstLine(text: string): string {
  return text.split('\n', 1)[0] ?? '';
}

function keep(folder: string, image: string, kept: KeptCase): void {
  mkdirSync(folder, { recursive: true });
  const path = join(folder, `${image}.json`);
  // Written by this program alone.
  const cases = existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as KeptCase[]) : [];
  writeFileSync(path, `${JSON.stringify([...cases, kept], undefined, 2)}\n`);
  console.log(
    `kept in ${path}: ${kept.bytes.join(' ').slice(0, 200)}${kept.length === undefined ? '' : ` cut at ${kept.length}`}`,
  );
}
