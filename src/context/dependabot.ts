import {textAt} from './payload.ts'
import {variable, type RunEvent} from './run-event.ts'

/**
 * The events on which GitHub takes secrets and the write token from Dependabot's runs ("Troubleshooting Dependabot on
 * GitHub Actions", restrictions when Dependabot triggers events:
 * https://docs.github.com/en/code-security/reference/supply-chain-security/troubleshoot-dependabot/troubleshooting-dependabot-on-github-actions).
 * On others, such as a schedule whose last editor was Dependabot, its name means nothing.
 */
const restricted = new Set([
  'pull_request',
  'pull_request_review',
  'pull_request_review_comment',
  'push',
  'create',
  'deployment',
  'deployment_status',
])

/**
 * Whether the run has Dependabot's restrictions. They follow `github.actor`, who started the first attempt: they stay
 * when a maintainer runs it again, and end when a maintainer pushes to Dependabot's branch.
 */
export function isDependabotRun(event: RunEvent): boolean {
  if (!isDependabot(actorOf(event))) return false
  if (restricted.has(event.name)) return true
  return event.kind === 'pull_request_target' && isDependabot(textAt(event.payload, 'pull_request', 'user', 'login'))
}

/** Who started the first attempt of this run. */
export function actorOf({environment, payload}: RunEvent): string {
  return variable(environment, 'GITHUB_ACTOR') ?? textAt(payload, 'sender', 'login') ?? ''
}

export function isDependabot(login: string | undefined): boolean {
  return login === 'dependabot[bot]'
}
