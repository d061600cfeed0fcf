import { type ChildProcess, fork } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { type Patch, toText } from './patch.ts';
import type { Answer, Request } from './worker.ts';

/** What a sample came to; `defects` begin with `hang`, `slow`, `memory` or `died` when the process could not say it itself. */
export interface Examined {
  readonly outcome: string;
  readonly defects: readonly string[];
}

/** Seconds of the processor; a good image takes a fifth of one. Other work may share the machine, so a clock says little. */
const SLOW = 4;
const HANGING = 12;
/** Seconds by the clock, for a process that waits for nothing or whose use of the processor cannot be seen. */
const PATIENCE = 600;
/** MiB; a process that has seen many images is replaced when it has more, and the sample tried again. */
const MOST_MEMORY = 700;

/** Examines samples in a process of their own, one at a time, and replaces it when it has to be ended. */
export class Examiner {
  readonly #worker: string;
  readonly #images: string;
  readonly #folder: string;
  readonly #hanging: number;
  /** Images that the process has looked at. */
  readonly #known = new Set<string>();
  #child: ChildProcess | undefined;

  /**
   * @param worker The script.
   * @param images `fixtures/images`
   * @param folder For files of the worker.
   * @param hanging Seconds of the processor after which a sample counts as one that never ends.
   */
  constructor(worker: string, images: string, folder: string, hanging = HANGING) {
    this.#hanging = hanging;
    this.#worker = worker;
    this.#images = images;
    this.#folder = folder;
  }

  async examine(image: string, patch: Patch): Promise<Examined> {
    await this.#prepare(image);
    const first = await this.#ask(image, patch);
    if ('defects' in first && (!('mebibytes' in first) || first.mebibytes <= MOST_MEMORY)) return first;
    this.close();
    await this.#prepare(image);
    const again = await this.#ask(image, patch);
    if (!('mebibytes' in again) || again.mebibytes <= MOST_MEMORY) return again;
    this.close();
    return { outcome: again.outcome, defects: [...again.defects, `memory: ${Math.round(again.mebibytes)} MiB`] };
  }

  close(): void {
    this.#known.clear();
    this.#child?.kill('SIGKILL');
    this.#child = undefined;
  }

  /** The good image first, so that the time of a sample is its own. */
  async #prepare(image: string): Promise<void> {
    if (this.#known.has(image)) return;
    await this.#ask(image, { changes: [] });
    this.#known.add(image);
  }

  #ask(image: string, { changes, length }: Patch): Promise<Examined | Answer> {
    const child = this.#started();
    const request: Request = { image, bytes: toText(changes), ...(length !== undefined && { length }) };
    return new Promise((resolve) => {
      const settle = (value: Examined | Answer) => {
        clearInterval(timer);
        child.removeAllListeners();
        resolve(value);
      };
      const [start, started] = [processorSeconds(child), Date.now()];
      const timer = setInterval(() => {
        if (processorSeconds(child) - start < this.#hanging && Date.now() - started < PATIENCE * 1000) return;
        this.close();
        settle({ outcome: 'hang', defects: [`hang: not over after ${this.#hanging} s`] });
      }, 1000);
      child.on('message', (answer: Answer) => {
        const { seconds, defects } = answer;
        settle(seconds <= SLOW ? answer : { ...answer, defects: [...defects, `slow: ${Math.round(seconds)} s`] });
      });
      child.on('exit', (code, signal) => {
        this.close();
        settle({ outcome: 'died', defects: [`died: exit code ${code}, signal ${signal}`] });
      });
      child.send(request);
    });
  }

  #started(): ChildProcess {
    this.#child ??= fork(this.#worker, [this.#images, this.#folder], {
      execArgv: ['--max-old-space-size=600', '--enable-source-maps'],
    });
    return this.#child;
  }
}

/** What Linux tells of a process: proc_pid_stat(5), fields 14 and 15, in hundredths of a second. Elsewhere the clock. */
function processorSeconds({ pid }: ChildProcess): number {
  const path = `/proc/${pid}/stat`;
  if (!existsSync(path)) return Date.now() / 1000;
  const fields = readFileSync(path, 'latin1').split(' ');
  return (Number(fields[13]) + Number(fields[14])) / 100;
}
