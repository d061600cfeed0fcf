import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { classifyCryptHash, maskCryptHash } from '../../src/formats/crypt-hash.ts';

const words: readonly [field: string, state: string, masked: string][] = [
  ['', 'empty', ''],
  ['*', 'locked', '*'],
  ['!', 'locked', '!'],
  ['!!', 'locked', '!!'],
  ['!*', 'locked', '!*'],
  ['*LOCK*', 'locked', '*LOCK*'],
  ['*LK*', 'locked', '*LK*'],
  ['!locked', 'locked', '!locked'],
  ['!$6$salt$hash', 'locked', '!$6$***'],
  ['x', 'invalid', 'x'],
  ['NP', 'invalid', '***'],
  ['NOLOGIN', 'invalid', '***'],
  ['$1$salt$hash', 'usable', '$1$***'],
  ['$2y$10$abcdefghijklmnopqrstuvABCDEFGHIJKLMNOPQRSTUVWXYZ01234', 'usable', '$2y$***'],
  ['$2y$99$abcdefghijklmnopqrstuvABCDEFGHIJKLMNOPQRSTUVWXYZ01234', 'invalid', '$2y$***'],
  ['$5$rounds=5000$salt$hash', 'usable', '$5$***'],
  ['$6$salt$hash', 'usable', '$6$***'],
  ['$6$salt', 'invalid', '$6$***'],
  ['$6$salt$has:h', 'invalid', '$6$***'],
  ['$7$CU..../....salt$hash', 'usable', '$7$***'],
  ['$y$j9T$salt$hash', 'usable', '$y$***'],
  ['$gy$j9T$salt$hash', 'usable', '$gy$***'],
  ['$md5,rounds=904$salt$hash', 'usable', '$md5,rounds=904$***'],
  ['$z$salt$hash', 'invalid', '***'],
  ['ab1cdEFgh2ijk', 'usable', '***'],
  ['ab1cdEFgh2ij', 'invalid', '***'],
  ['ab1cdEFgh2ijk,12', 'usable', '***'],
  ['_J9..rasmBYk8r9AiWNc', 'usable', '_***'],
  ['_J9..rasm', 'invalid', '_***'],
];

test.each(words)('%s is %s', (field, state) => expect(classifyCryptHash(field)).toBe(state));

test.each(words)('%s: %s, masked', (field, _state, masked) => expect(maskCryptHash(field)).toBe(masked));

test('a mask shows nothing of what follows the method', () => {
  const secret = fc.string({ unit: fc.constantFrom(...'./abcXYZ089'), minLength: 8, maxLength: 40 });
  const method = fc.constantFrom('', '!', '!!', '*', '$6$', '$y$j9T$', '!$5$rounds=5000$', '$', '_', 'x');
  fc.assert(
    fc.property(method, secret, (prefix, hash) => {
      expect(maskCryptHash(prefix + hash)).not.toContain(hash.slice(0, 8));
    }),
  );
});

test('never throws on any text', () => {
  fc.assert(fc.property(fc.string(), (text) => void [classifyCryptHash(text), maskCryptHash(text)]));
});
