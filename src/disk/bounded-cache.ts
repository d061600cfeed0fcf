/** A map that forgets its oldest entries: bounded memory for what is cheap to read again. */
export interface BoundedCache<K, V extends object> {
  /** The value under the key, made by `make` when it is not held; what `make` throws is not kept. */
  get(key: K, make: () => V): V;
}

/**
 * @param capacity Sum of the weights that are held; a single value that weighs more is held all the same, alone.
 * @param weightOf What a value takes; 1 each unless given.
 */
export function boundedCache<K, V extends object>(
  capacity: number,
  weightOf: (value: V) => number = () => 1,
): BoundedCache<K, V> {
  const held = new Map<K, { readonly value: V; readonly weight: number }>();
  let total = 0;
  return {
    get(key, make) {
      const known = held.get(key);
      if (known) return known.value;
      const value = make();
      const weight = weightOf(value);
      for (const [oldest, entry] of held) {
        if (total + weight <= capacity) break;
        held.delete(oldest);
        total -= entry.weight;
      }
      held.set(key, { value, weight });
      total += weight;
      return value;
    },
  };
}
