import { expect, test } from '@jest/globals';
import rules from '../../rules/index.ts';
import { runRules } from '../../src/engine/run.ts';
import { architecture } from '../../src/facts/architecture.ts';
import { family } from '../../src/facts/family.ts';
import { imageFrom } from '../../src/testing/image.ts';
import { defaultIntent } from '../../src/testing/rule-cases.ts';

/** Each secret holds this word, so that any trace of one shows. */
const word = 'Sesame';
const hash = `$6$${word}Salt$${word}.Hash/0123456789`;
const blob = `AAAAB3NzaC1yc2EAAAADAQAB${word}`;
const privateKey = `-----BEGIN OPENSSH PRIVATE KEY-----\n${word}\n-----END OPENSSH PRIVATE KEY-----\n`;

test('no hash, key or token of an image appears in any result', async () => {
  const scan = imageFrom({
    '/etc/os-release': 'ID=rhel\nVERSION_ID="9.6"\n',
    '/etc/passwd': `root:x:0:0:root:/root:/bin/bash\nold:${hash}:1001:1001::/home/old:/bin/sh\nops:x:1000:1000::/home/ops:/bin/bash\nodd:x:5:5::/:/bin/sh\n`,
    '/etc/shadow': `root:${hash}:1:2:3:4:::\nops:!${hash}:1:2:3:4:::\nodd:${word}:1:2:3:4:::\ngone:${hash}:1:2:3:4:::\nold:${hash}:1:2:3:4:::\n`,
    '/etc/shadow-': `root:${hash}:1:2:3:4:::\nodd:$z$${word}$:1:2:3:4:::\n`,
    '/etc/sudoers': 'ops ALL=NOPASSWD: ALL\n',
    '/root/.ssh/authorized_keys': `environment="TOKEN=${word}" ssh-rsa ${blob} me\n`,
    '/home/ops/.ssh/authorized_keys': `ssh-rsa ${blob}\n`,
    '/home/ghost/.ssh/authorized_keys': `ssh-rsa ${blob}\n`,
    '/root/.ssh/id_rsa': privateKey,
    '/root/.bash_history': `mysql -p${word}\n`,
    '/root/.git-credentials': `https://me:${word}@example.com\n`,
    '/root/.netrc': `machine a login b password ${word}\n`,
    '/root/.npmrc': `//r/:_authToken=${word}\n`,
    '/root/.vault-token': word,
    '/root/anaconda-ks.cfg': `rootpw ${word}\n`,
    '/opt/app/server.key': privateKey,
    '/etc/ssh/ssh_host_rsa_key': privateKey,
    '/etc/pki/consumer/key.pem': privateKey,
    '/etc/credstore/passwd.plaintext-password.root': word,
    '/usr/lib/ignition/user.ign': `{"passwordHash": "${hash}"}\n`,
    '/usr/sbin/waagent': '#!/usr/bin/python3\n',
    '/etc/waagent.conf': `HttpProxy.Host='http://me:${word}@a.example'\nHttpProxy.Host=http://me:${word}@b.example\nHttpProxy.Port=me:${word}@c.example\n`,
    '/usr/bin/cloud-init': '#!/usr/bin/python3\n',
    '/etc/cloud/cloud.cfg': [
      `password: ${word}`,
      'chpasswd:',
      `  list: "root:${word}"`,
      'users:',
      '  - name: a',
      `    hashed_passwd: ${hash}`,
      `    ssh_authorized_keys: ["ssh-rsa ${blob}"]`,
      '',
    ].join('\n'),
  });
  const own =
    /^(?:identity\/(?:passwords|authorized-keys)|generalization\/(?:root-password|build-users|sudo-grants|shell-history|secrets|vendor-registration|ssh-host-keys))$/;
  const { results, internalErrors } = await runRules(scan, rules, {
    intent: defaultIntent,
    offers: new Set(['rootfs', 'options', 'filesystem-metadata', 'esp', 'disk', 'partition-table', 'initramfs']),
    applicability: { family, architecture },
  });
  expect(internalErrors).toEqual([]);
  const judged = results.filter(({ ruleId }) => own.test(ruleId));
  // The rights in sudoers belong to the build user, with whom they are reported.
  expect(judged.filter(({ outcome }) => outcome !== 'fail').map(({ ruleId }) => ruleId)).toEqual([
    'generalization/sudo-grants',
  ]);
  expect(judged).toHaveLength(9);
  expect(JSON.stringify(results)).not.toContain(word);
});
