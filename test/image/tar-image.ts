/** Archives built byte by byte, for what no program writes any more or on purpose. */

export interface MemberFields {
  readonly type?: string;
  readonly content?: Uint8Array | string;
  /** As the header says; the length of the content when left out. */
  readonly size?: number;
  readonly linkTarget?: string;
  readonly mode?: number;
  readonly uid?: number;
  readonly magic?: string;
  readonly prefix?: string;
  /** Sum the bytes up as signed ones. */
  readonly isSigned?: boolean;
}

/** One member: its header, and its content padded to blocks. */
export function member(name: string | Uint8Array, fields: MemberFields = {}): Buffer {
  const content = Buffer.from(fields.content ?? '');
  const block = Buffer.alloc(512);
  Buffer.from(name).copy(block, 0, 0, 100);
  octal(block, 100, 8, fields.mode ?? 0o644);
  octal(block, 108, 8, fields.uid ?? 0);
  octal(block, 116, 8, 0);
  octal(block, 124, 12, fields.size ?? content.length);
  octal(block, 136, 12, 1_600_000_000);
  block.write(fields.type ?? '0', 156, 'latin1');
  block.write(fields.linkTarget ?? '', 157);
  block.write(fields.magic ?? 'ustar\x0000', 257, 'latin1');
  block.write(fields.prefix ?? '', 345);
  seal(block, fields.isSigned);
  const padding = Buffer.alloc((512 - (content.length % 512)) % 512);
  return Buffer.concat([block, content, padding]);
}

/** A whole archive with the two blocks that end it. */
export function archive(...members: readonly Uint8Array[]): Buffer {
  return Buffer.concat([...members, Buffer.alloc(1024)]);
}

/** A header of type x or g with these records. */
export function pax(records: readonly (readonly [string, string])[], type = 'x'): Buffer {
  return member('pax', { type, content: records.map(([key, value]) => paxRecord(key, value)).join('') });
}

function paxRecord(key: string, value: string): string {
  const rest = Buffer.byteLength(` ${key}=${value}\n`);
  let length = rest;
  while (length !== rest + `${length}`.length) length = rest + `${length}`.length;
  return `${length} ${key}=${value}\n`;
}

function octal(block: Buffer, offset: number, length: number, value: number): void {
  block.write(`${value.toString(8).padStart(length - 1, '0')}\0`, offset, 'latin1');
}

/** Stores the checksum of a header. */
export function seal(block: Buffer, isSigned = false): void {
  block.fill(' ', 148, 156);
  let sum = 0;
  for (const byte of block.subarray(0, 512)) sum += isSigned && byte >= 0x80 ? byte - 0x100 : byte;
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
}
