import { defineRule, finding, judge, pass, type ScheduledJob, scheduledJobs } from '../../src/rule-api.ts';

function describe({ kind, name }: ScheduledJob): string {
  switch (kind) {
    case 'crontab':
      return 'a line of /etc/crontab runs a job of its own';
    case 'user-crontab':
      return `account ${name} has a crontab`;
    case 'timer':
      return `${name} is a timer of no package`;
    default:
      return 'this job belongs to no package';
  }
}

export default defineRule({
  id: 'security/scheduled-jobs',
  title: 'Scheduled jobs belong to packages',
  severity: 'info',
  rationale:
    'A job of the build machine runs on every VM from its first boot on. Certification scans the image for malware, and asks about jobs that do not belong to the system.',
  remediation: 'Delete jobs that the product does not need.',
  references: ['https://learn.microsoft.com/azure/security/fundamentals/azure-marketplace-images'],
  covers: ['sec-no-malware-unknown-cron'],
  lisa: [],
  needs: ['rootfs'],
  appliesTo: { profiles: ['marketplace'] },
  facts: { scheduledJobs },
  check({ scheduledJobs: { unowned, count, unread, ownersUnread } }) {
    if (count === 0 && unread.length === 0) return pass();
    return judge(
      unowned.map((job) => finding(describe(job), job.evidence, { restsOnAbsence: !/crontab$/.test(job.kind) })),
      [],
      [...unread, ...(unowned.length > 0 && ownersUnread ? [ownersUnread] : [])],
    );
  },
});
