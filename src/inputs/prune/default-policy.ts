/** Lines of the policy that holds if no input names what to delete. */
export const defaultPolicy: readonly string[] = [
  'type=pr,gone=true,older-than=1d',
  'type=branch,gone=true,older-than=7d',
  'type=cache,gone=true',
  'type=untagged,older-than=14d',
  'type=orphan,older-than=7d',
]
