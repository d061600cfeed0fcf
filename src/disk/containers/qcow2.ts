import { type BlockDevice, checkRange } from '../block-device.ts';
import { boundedCache } from '../bounded-cache.ts';
import type { Codecs } from '../codecs.ts';
import type { OpenedContainer } from '../container.ts';
import { DiskError } from '../disk-error.ts';
import { diskLimits } from '../limits.ts';
import { type Qcow2Header, readHeader } from './qcow2-header.ts';
import { placeOf, SUBCLUSTERS } from './qcow2-tables.ts';

export { isQcow2 } from './qcow2-header.ts';

/**
 * The active state of a qcow2, by docs/interop/qcow2.rst of QEMU; its internal snapshots are not looked at.
 *
 * @throws {DiskError} as {@link readHeader}; so do reads where tables or compressed data are damaged
 */
export function openQcow2(file: BlockDevice, codecs: Codecs): OpenedContainer {
  const header = readHeader(file);
  const { virtualSize: size, clusterSize, extendedL2 } = header.container;
  const expand = expander(file, header, codecs);
  const pieceSize = extendedL2 ? clusterSize / SUBCLUSTERS : clusterSize;
  return {
    container: header.container,
    disk: {
      size,
      read(offset, length) {
        checkRange({ size }, offset, length, 'qcow2');
        const bytes = new Uint8Array(length);
        for (let at = offset; at < offset + length; ) {
          const cluster = Math.floor(at / clusterSize);
          const within = at - cluster * clusterSize;
          const piece = Math.floor(within / pieceSize);
          const count = Math.min((piece + 1) * pieceSize - within, offset + length - at);
          const place = placeOf(file, header, cluster, piece);
          if (place?.kind === 'plain') bytes.set(upToEnd(file, place.offset + within, count), at - offset);
          else if (place) bytes.set(expand(place.offset, place.length).subarray(within, within + count), at - offset);
          at += count;
        }
        return bytes;
      },
    },
  };
}

/** The last cluster of a file need not be whole; what is not there is zero. */
function upToEnd(file: BlockDevice, offset: number, length: number): Uint8Array {
  return file.read(Math.min(offset, file.size), Math.max(0, Math.min(length, file.size - offset)));
}

/** Expands a compressed cluster; keeps some, as a cluster holds many blocks. */
function expander(file: BlockDevice, { container }: Qcow2Header, codecs: Codecs) {
  const kept = boundedCache<number, Uint8Array>(diskLimits.qcow2ClusterBytes, ({ length }) => length);
  const decode = container.compression === 'zstd' ? codecs.zstd : codecs.deflate;
  return (offset: number, length: number): Uint8Array =>
    kept.get(offset, () => {
      const fail = (reason: string) => new DiskError('corrupt', 'qcow2 compressed cluster', reason, offset);
      const compressed = upToEnd(file, offset, length);
      let bytes: Uint8Array;
      try {
        bytes = decode(compressed, container.clusterSize);
      } catch (error) {
        throw fail(`cannot be expanded: ${error instanceof Error ? error.message : String(error)}`);
      }
      if (bytes.length !== container.clusterSize)
        throw fail(`expands to ${bytes.length} bytes, expected ${container.clusterSize}`);
      return bytes;
    });
}
