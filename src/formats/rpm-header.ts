/** The fields of an RPM package header by which it is known. */
export interface RpmHeader {
  readonly name: string;
  readonly version: string;
  readonly release: string;
  /** Undefined for none, which is not the same as 0 to a reader and is to a comparison. */
  readonly epoch?: number;
  readonly arch?: string;
  /** Seconds since 1970-01-01 UTC. */
  readonly installTime?: number;
}

const INTRO_LENGTH = 8;
const ENTRY_LENGTH = 16;
/** `rpmTag` of rpmtag.h. */
const TAGS = {
  name: 1000,
  version: 1001,
  release: 1002,
  epoch: 1003,
  installTime: 1008,
  arch: 1022,
  dirIndexes: 1116,
  baseNames: 1117,
  dirNames: 1118,
} as const;
/** hdrblobVerifyLengths of rpm's header.c allows no more entries. */
const MOST_ENTRIES = 0x10000;

/** Where the value of a tag starts, and how many values it has. */
interface Place {
  readonly offset: number;
  readonly count: number;
}

/**
 * Package header as rpm's databases hold it: numbers of index entries and of data bytes, the index, the data, all
 * big-endian (`hdrblobInit` of rpm's header.c). Undefined when the bytes hold no such header or end before the fields.
 */
export function parseRpmHeader(bytes: Uint8Array): RpmHeader | undefined {
  const places = readIndex(bytes);
  if (!places) return undefined;
  const name = stringAt(bytes, places.get(TAGS.name));
  const version = stringAt(bytes, places.get(TAGS.version));
  const release = stringAt(bytes, places.get(TAGS.release));
  if (name === undefined || version === undefined || release === undefined) return undefined;
  const epoch = numberAt(bytes, places.get(TAGS.epoch));
  const arch = stringAt(bytes, places.get(TAGS.arch));
  const installTime = numberAt(bytes, places.get(TAGS.installTime));
  return {
    name,
    version,
    release,
    ...(epoch !== undefined && { epoch }),
    ...(arch !== undefined && { arch }),
    ...(installTime !== undefined && { installTime }),
  };
}

/** Absolute paths of the files of a package; empty when the bytes hold no header or end before the list. */
export function rpmFiles(bytes: Uint8Array): readonly string[] {
  const places = readIndex(bytes);
  const directories = stringsAt(bytes, places?.get(TAGS.dirNames));
  const indexes = places?.get(TAGS.dirIndexes);
  return stringsAt(bytes, places?.get(TAGS.baseNames)).flatMap((name, index) => {
    const number = indexes && numberAt(bytes, { ...indexes, offset: indexes.offset + 4 * index });
    const directory = number === undefined ? undefined : directories[number];
    return directory === undefined ? [] : [directory + name];
  });
}

function readIndex(bytes: Uint8Array): ReadonlyMap<number, Place> | undefined {
  if (bytes.length < INTRO_LENGTH) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const entries = view.getUint32(0);
  const data = INTRO_LENGTH + entries * ENTRY_LENGTH;
  if (entries > MOST_ENTRIES || data > bytes.length) return undefined;
  const places = new Map<number, Place>();
  for (let at = INTRO_LENGTH; at < data; at += ENTRY_LENGTH) {
    places.set(view.getUint32(at), { offset: data + view.getUint32(at + 8), count: view.getUint32(at + 12) });
  }
  return places;
}

function stringAt(bytes: Uint8Array, place: Place | undefined): string | undefined {
  return stringsAt(bytes, place && { ...place, count: 1 })[0];
}

function stringsAt(bytes: Uint8Array, place: Place | undefined): string[] {
  const strings: string[] = [];
  let offset = place?.offset ?? 0;
  while (place && strings.length < place.count) {
    const end = offset < bytes.length ? bytes.indexOf(0, offset) : -1;
    if (end < 0) break;
    strings.push(new TextDecoder().decode(bytes.subarray(offset, end)));
    offset = end + 1;
  }
  return strings;
}

function numberAt(bytes: Uint8Array, place: Place | undefined): number | undefined {
  if (!place || place.offset + 4 > bytes.length) return undefined;
  return new DataView(bytes.buffer, bytes.byteOffset).getUint32(place.offset);
}
