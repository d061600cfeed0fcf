export const KIB = 1024;
export const MIB = 1024 * KIB;
export const GIB = 1024 * MIB;
export const TIB = 1024 * GIB;

/** `32212254720 bytes (30 GiB)`; the larger unit that comes out whole, else MiB with two digits. */
export function sizeText(bytes: number): string {
  return `${bytes} bytes (${inUnits(bytes)})`;
}

function inUnits(bytes: number): string {
  if (bytes >= GIB && bytes % GIB === 0) return `${bytes / GIB} GiB`;
  if (bytes % MIB === 0) return `${bytes / MIB} MiB`;
  if (bytes < MIB) return `${Number((bytes / KIB).toFixed(2))} KiB`;
  const rounded = Number((bytes / MIB).toFixed(2));
  return Number.isInteger(rounded) ? `about ${rounded} MiB` : `${rounded} MiB`;
}

/** Bytes rounded up to a whole MiB. */
export function toWholeMib(bytes: number): number {
  return Math.ceil(bytes / MIB) * MIB;
}
