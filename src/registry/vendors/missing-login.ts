import type {ErrorCode} from '../../errors/causes.ts'

/** Causes of a refusal that a login may remove. */
const ofRights: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'pull-denied',
  'push-denied',
  'push-denied-ghcr',
  'ecr-denied',
  'gar-denied',
  'acr-role-missing',
  'token-read-only',
  'ghcr-permission-missing',
  'ghcr-package-not-shared',
  'ghcr-creation-forbidden',
])

/** Remedy of a refusal without credentials, whatever the registry says; undefined if a login does not change it. */
export function missingLoginRemedy(code: ErrorCode, host: string): string | undefined {
  if (!ofRights.has(code)) return undefined
  return `This run has no login for ${host}. Set \`registry\`, \`username\` and \`password\`, an item of \`registry-auth\`, or the input for its cloud.`
}
