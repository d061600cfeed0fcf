import { createHash } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { blake2b256 } from '../../src/disk/filesystems/btrfs/blake2b.ts';
import { xxhash64 } from '../../src/disk/filesystems/btrfs/xxhash64.ts';
import { sha256 } from '../../src/disk/sha256.ts';
import { noise } from './hurtful-tree.ts';

const ascii = (text: string) => new TextEncoder().encode(text);

describe('a digest of btrfs', () => {
  test('by SHA-256 is that of the host, for every length about its blocks', () => {
    for (const length of [...Array.from({ length: 200 }, (_, index) => index), 4064, 16_352])
      expect(Buffer.from(sha256(noise(length, length + 1))).toString('hex')).toBe(
        createHash('sha256')
          .update(noise(length, length + 1))
          .digest('hex'),
      );
  });

  // Python: hashlib.blake2b(data, digest_size=32).hexdigest()
  test.each([
    ['', '0e5751c026e543b2e8ab2eb06099daa1d1e5df47778f7787faab45cdf12fe3a8'],
    ['abc', 'bddd813c634239723171ef3fee98579b94964e3bb1cb3e427262c8c068d52319'],
    ['x'.repeat(128), '164ffb7089bae6f5a62fb0795e751dc9e88eac92e1a5b2fafe93a25abf2d9c3b'],
    ['x'.repeat(129), '03b0758fa71d249c846c2304a2b9996e6ae66ffa7e5528f9e612e089a360fc8d'],
    ['0123456789'.repeat(1600), '17199340290e0b366297c6d08904e09abd48ef05db880c49d62241e066287115'],
  ])('by BLAKE2b is that of RFC 7693', (text, digest) => {
    expect(Buffer.from(blake2b256(ascii(text))).toString('hex')).toBe(digest);
  });

  // xxhsum -H64, and the reference values of xxHash.
  test.each([
    ['', 0xef46db3751d8e999n],
    ['a', 0xd24ec4f1a98c6e5bn],
    ['abc', 0x44bc2cf5ad770999n],
    ['Nobody inspects the spammish repetition', 0xfbcea83c8a378bf1n],
  ])('of %j by XXH64 is that of the reference', (text, digest) => {
    expect(xxhash64(ascii(text))).toBe(digest);
  });
});
