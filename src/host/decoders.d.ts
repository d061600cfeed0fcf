/** Decoders that bring no types of their own. */
declare module 'lz4js' {
  /** Returns the index in `target` behind the last byte written. */
  export function decompressBlock(
    source: Uint8Array,
    target: Uint8Array,
    sourceIndex: number,
    sourceLength: number,
    targetIndex: number,
  ): number;
}

declare module 'seek-bzip' {
  interface Source {
    readByte(): number;
    read(target: Uint8Array, offset: number, length: number): number;
  }
  interface Sink {
    writeByte(byte: number): void;
  }
  const Bunzip: { decode(source: Source, sink: Sink): void };
  export default Bunzip;
}
