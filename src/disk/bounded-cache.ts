/** A map that forgets its oldest entries: bounded memory for what is cheap to read again. */
export interface BoundedCache<K, V extends object> {
  /** The value under the key, made by `make` when it is not held; what `make` throws is not kept. */
  get(key: K, make: () => V): V;
}

/** @param capacity Entries that are held. */
export function boundedCache<K, V extends object>(capacity: number): BoundedCache<K, V> {
  const held = new Map<K, V>();
  return {
    get(key, make) {
      const known = held.get(key);
      if (known) return known;
      const value = make();
      const [oldest] = held.keys();
      if (held.size >= capacity && oldest !== undefined) held.delete(oldest);
      held.set(key, value);
      return value;
    },
  };
}
