import { decodeName } from '../../files/names.ts';
import type { BlockDevice } from '../block-device.ts';
import { hasMagic, isAllZero, uuidText } from '../bytes.ts';

/** What a signature tells without opening the volume. */
export interface Identity {
  readonly uuid?: string;
  readonly label?: string;
}

/** How a kind of content is recognised. */
export interface Signature {
  /** As blkid names it. */
  readonly type: string;
  /** Undefined when the device does not carry it. */
  identify(device: BlockDevice): Identity | undefined;
}

/** Bytes of a device, undefined where it has none. */
export function peek(device: BlockDevice, offset: number, length: number): Uint8Array | undefined {
  if (!Number.isSafeInteger(offset) || offset < 0 || offset + length > device.size) return undefined;
  return device.read(offset, length);
}

/** The bytes from `offset` on when the magic stands there. */
export function peekMagic(
  device: BlockDevice,
  offset: number,
  magic: string,
  length = magic.length,
): Uint8Array | undefined {
  const bytes = peek(device, offset, length);
  return bytes && hasMagic(bytes, 0, magic) ? bytes : undefined;
}

/** A UUID in 16 bytes; blkid takes all zeros for none. */
export function uuidOf(bytes: Uint8Array): { readonly uuid?: string } {
  return isAllZero(bytes) ? {} : { uuid: uuidText(bytes) };
}

/** A UUID that is stored as text. */
export function uuidFromText(bytes: Uint8Array): { readonly uuid?: string } {
  const uuid = untilNul(bytes);
  return uuid === '' ? {} : { uuid };
}

/** A label as blkid cuts it: up to the first NUL, without blanks at its end. */
export function labelOf(bytes: Uint8Array): { readonly label?: string } {
  const label = untilNul(bytes).trimEnd();
  return label === '' ? {} : { label };
}

/** A label in UTF-16. */
export function utf16LabelOf(bytes: Uint8Array): { readonly label?: string } {
  const text = new TextDecoder('utf-16le').decode(bytes);
  const [label = ''] = text.split('\0');
  return label.trimEnd() === '' ? {} : { label: label.trimEnd() };
}

function untilNul(bytes: Uint8Array): string {
  const end = bytes.indexOf(0);
  return decodeName(end === -1 ? bytes : bytes.subarray(0, end));
}
