import { expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { withoutCredentials } from '../../src/formats/url-credentials.ts';

test.each([
  ['http://user:secret@proxy:3128', 'http://***@proxy:3128'],
  ['user:secret@proxy', '***@proxy'],
  ['http_proxy=http://u:p=w@x@proxy', 'http_proxy=http://***@proxy'],
  ['http_proxy=u:p=w@x@proxy', 'http_proxy=***@proxy'],
  ['export https_proxy="http://u:p@proxy"', 'export https_proxy="http://***@proxy"'],
  ['--proxy=http://u:p@proxy', '--proxy=http://***@proxy'],
  ['set to http://a:b@one and to c:d@two', 'set to http://***@one and to ***@two'],
  ['https://token@archive.example/ubuntu', 'https://***@archive.example/ubuntu'],
  ['http://proxy:3128/path@here', 'http://proxy:3128/path@here'],
  ['http://proxy:3128', 'http://proxy:3128'],
  ['', ''],
])('%j is shown as %j', (text, shown) => {
  expect(withoutCredentials(text)).toBe(shown);
});

test('no password gets through, whatever characters it has', () => {
  const password = fc.stringMatching(/^[!#-&(-.0-~]{6,30}$/);
  fc.assert(
    fc.property(password, fc.constantFrom('http://', '', 'HttpProxy.Host=', 'x=http://'), (secret, before) => {
      expect(withoutCredentials(`${before}user:${secret}@proxy`)).toBe(`${before}***@proxy`);
    }),
    { seed: 7 },
  );
});
