import { describe, expect, test } from '@jest/globals';
import { crc32, crc32c, rawCrc16, rawCrc32HighFirst } from '../../src/disk/checksums.ts';

const digits = new TextEncoder().encode('123456789');

describe('checksums', () => {
  // The check values of the catalogue of parametrised CRC algorithms: ISO-HDLC, ISCSI, MODBUS, MPEG-2.
  test.each([
    ['CRC-32', 0xcbf43926, () => crc32(digits)],
    ['CRC-32C', 0xe3069283, () => crc32c(digits)],
    ['CRC-16 with all ones', 0x4b37, () => rawCrc16(digits, 0xffff)],
    ['CRC-32 with the highest bit first', 0x0376e6e7, () => rawCrc32HighFirst(digits, 0xffffffff)],
  ])('%s of "123456789" is its published check value', (_, expected, computed) => {
    expect(computed()).toBe(expected);
  });
});
