import {textAt} from './payload.ts'
import {variable, type RunEvent} from './run-event.ts'

/**
 * Events on which GitHub withholds secrets and the write token from runs of Dependabot ("Troubleshooting Dependabot on
 * GitHub Actions", restrictions when Dependabot triggers events:
 * https://docs.github.com/en/code-security/reference/supply-chain-security/troubleshoot-dependabot/troubleshooting-dependabot-on-github-actions).
 * Other events have no restrictions, such as a schedule that Dependabot edited last.
 */
const restrictedEvents = new Set([
  'pull_request',
  'pull_request_review',
  'pull_request_review_comment',
  'push',
  'create',
  'deployment',
  'deployment_status',
])

/**
 * Reports whether the run has the restrictions of Dependabot. They depend on `github.actor`, the user that started the
 * first attempt: a re-run by a maintainer has them too, a push of a maintainer to the branch of Dependabot does not.
 */
export function isDependabotRun(event: RunEvent): boolean {
  if (!isDependabot(actorOf(event))) return false
  if (restrictedEvents.has(event.name)) return true
  return event.kind === 'pull_request_target' && isDependabot(textAt(event.payload, 'pull_request', 'user', 'login'))
}

/** Login of the user that started the first attempt of this run. */
export function actorOf({environment, payload}: RunEvent): string {
  return variable(environment, 'GITHUB_ACTOR') ?? textAt(payload, 'sender', 'login') ?? ''
}

export function isDependabot(login: string | undefined): boolean {
  return login === 'dependabot[bot]'
}
