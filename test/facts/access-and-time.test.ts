import { describe, expect, it, test } from '@jest/globals';
import { chrony } from '../../src/facts/chrony.ts';
import { clockSettings } from '../../src/facts/clock-settings.ts';
import { privilegeSeparation } from '../../src/facts/privilege-separation.ts';
import { protectedFiles } from '../../src/facts/protected-files.ts';
import { scheduledJobs } from '../../src/facts/scheduled-jobs.ts';
import { sshStart } from '../../src/facts/ssh-start.ts';
import { sudoPassword } from '../../src/facts/sudo-password.ts';
import { timeServices } from '../../src/facts/time-services.ts';
import { imageFrom } from '../../src/testing/image.ts';

describe('chrony', () => {
  it('reads parts where they are included, by name over all folders, and lets the last makestep win', async () => {
    const { referenceClocks, makestep, path } = await imageFrom({
      '/etc/chrony.conf': 'makestep 9 9\nconfdir /etc/chrony.d /usr/share/chrony.d\n',
      '/etc/chrony.d/20.conf': 'makestep 1 -1\n',
      '/usr/share/chrony.d/20.conf': 'makestep 2 2\n',
      '/usr/share/chrony.d/10.conf': 'refclock PHC /dev/ptp1\nmakestep 3 3\n',
      '/etc/chrony.d/.hidden.conf': 'refclock PHC /dev/ptp9\n',
    }).get(chrony);
    expect(path).toBe('/etc/chrony.conf');
    expect(makestep).toEqual({
      threshold: 1,
      limit: -1,
      evidence: { path: '/etc/chrony.d/20.conf', line: 1, text: 'makestep 1 -1' },
    });
    expect(referenceClocks.map(({ driver, device }) => `${driver} ${device}`)).toEqual(['PHC /dev/ptp1']);
  });

  it('takes the file of the family when there are two, and the one that the options name', async () => {
    const files = { '/etc/chrony.conf': 'x 1\n', '/etc/chrony/chrony.conf': 'x 2\n' };
    const pathOn = async (tree: Record<string, string>) => (await imageFrom({ ...files, ...tree }).get(chrony)).path;
    expect(await pathOn({ '/etc/os-release': 'ID=rhel\n' })).toBe('/etc/chrony.conf');
    expect(await pathOn({ '/etc/os-release': 'ID=ubuntu\nID_LIKE=debian\n' })).toBe('/etc/chrony/chrony.conf');
    expect(
      await pathOn({
        '/etc/default/chrony': '#OPTS="-f /a"\nDAEMON_OPTS="-F 1 -f /etc/chrony.conf"\n',
        '/etc/os-release': 'ID=ubuntu\n',
      }),
    ).toBe('/etc/chrony.conf');
  });

  it('ends when files include each other', async () => {
    const { unread } = await imageFrom({
      '/etc/chrony.conf': 'include /etc/chrony.conf\ninclude /etc/chrony.conf\n',
    }).get(chrony);
    expect(unread.length).toBeGreaterThan(0);
  });
});

describe('time', () => {
  it('counts one program once, under the name that starts', async () => {
    const { services, running } = await imageFrom({
      '/usr/sbin/chronyd': '',
      '/usr/lib/systemd/system/chrony.service':
        '[Unit]\nConflicts=ntp.service\n[Service]\nExecStart=!/usr/sbin/chronyd\n[Install]\nAlias=chronyd.service\n',
      '/etc/systemd/system/chronyd.service': { link: '/usr/lib/systemd/system/chrony.service' },
      '/etc/systemd/system/multi-user.target.wants/chrony.service': { link: '/usr/lib/systemd/system/chrony.service' },
    }).get(timeServices);
    expect(services.map(({ program, conflicts }) => [program, conflicts])).toEqual([['chrony', ['ntp.service']]]);
    expect(running).toEqual(services);
  });

  test.each([
    ['../usr/share/zoneinfo/Etc/UTC', 'Etc/UTC', true],
    ['/usr/share/zoneinfo/posix/UCT', 'UCT', true],
    ['/usr/share/zoneinfo/Etc/GMT+1', 'Etc/GMT+1', false],
    ['/usr/share/zoneinfo/Africa/Abidjan', 'Africa/Abidjan', false],
  ])('%s is the zone %s', async (link, name, isUtc) => {
    const { zone } = await imageFrom({ '/etc/localtime': { link } }).get(clockSettings);
    expect([zone?.name, zone?.isUtc]).toEqual([name, isUtc]);
  });
});

describe('access', () => {
  it('a condition of which one of several must hold keeps no unit back', async () => {
    const { startedBy, skippedFor } = await imageFrom({
      '/usr/lib/systemd/system/sshd.service':
        '[Unit]\nConditionPathExists=|/etc/a\nConditionPathExists=|!/etc/b\nConditionPathExists=!/run/x\n[Service]\nExecStart=/x\n',
      '/etc/systemd/system/multi-user.target.wants/sshd.service': { link: '/usr/lib/systemd/system/sshd.service' },
    }).get(sshStart);
    expect([startedBy?.unit, skippedFor]).toEqual(['sshd.service', undefined]);
  });

  it('the last line for everybody decides whose password sudo asks for', async () => {
    const { asksForOther, undone, everybody } = await imageFrom({
      '/etc/sudoers':
        'Defaults targetpw, rootpw\nDefaults:alice !targetpw\nALL ALL=(ALL) ALL\n@include site\nDefaults !rootpw\n',
      '/etc/site': 'Defaults:ALL !targetpw\nDefaults targetpw\nALL ALL=(ALL) /bin/ls, !ALL\n',
    }).get(sudoPassword);
    expect(asksForOther.map(({ option, evidence }) => `${option} ${evidence.path}`)).toEqual(['targetpw /etc/site']);
    expect(undone.map(({ option, by }) => `${option} ${by.line}`)).toEqual(['rootpw 5']);
    expect(everybody?.path).toBe('/etc/site');
  });

  it('modes count as lost when everybody may write everything', async () => {
    const modes = async (mode: string) =>
      (
        await imageFrom({ '/etc/passwd': { text: '', mode }, '/etc/group': { text: '', mode: '0666' } }).get(
          protectedFiles,
        )
      ).modesRecorded;
    expect([await modes('0666'), await modes('0644')]).toEqual([false, true]);
  });

  test.each([
    ['ID=rhel\nVERSION_ID="8.10"', '/var/empty/sshd'],
    ['ID=ol\nVERSION_ID="9.5"', '/usr/share/empty.sshd'],
    ['ID=sles\nVERSION_ID="15.6"', '/var/lib/empty'],
    ['ID=debian\nVERSION_ID="12"', undefined],
  ])('%s locks sshd into %s', async (release, path) => {
    expect((await imageFrom({ '/etc/os-release': `${release}\n` }).get(privilegeSeparation))?.path).toBe(path);
  });

  it('what a crontab runs stays out of the evidence', async () => {
    const { unowned, count } = await imageFrom({
      '/etc/crontab': '# x\n* * * * * root mysql -psecret\n',
      '/var/spool/cron/root': '@daily curl -u a:secret x\n',
      '/etc/cron.daily/logrotate': '',
    }).get(scheduledJobs);
    expect(count).toBe(3);
    expect(JSON.stringify(unowned)).not.toContain('secret');
  });
});
