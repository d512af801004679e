/** Failures of scans. Few runs load this table. */
export const scanningCauses = {
  'scan-found': 'The scan found vulnerabilities that `scan-fail-on` does not allow.',
  'scan-failed': 'The scanner did not scan the image that it was given.',
  'scanner-missing': 'The scanner does not exist on this machine, and could not be fetched.',
  'scanner-mismatch': 'The fetched scanner is not the release that it should be.',
  'scan-database-missing': 'No source has the vulnerability database.',
} as const
