import type { Fact, FactContext } from '../engine/define.ts';
import { type CouldNotRead, isCouldNotRead } from '../image/could-not-read.ts';

/** Value of a fact, or why it could not be had, for a fact that can do without it. */
export async function tryGet<T>(context: FactContext, fact: Fact<T>): Promise<T | CouldNotRead> {
  try {
    return await context.get(fact);
  } catch (error) {
    if (isCouldNotRead(error)) return error;
    throw error;
  }
}
