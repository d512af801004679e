import type {WorkflowServer} from './judge.ts'

/**
 * Server with its issuer of ID tokens: GitHub.com, GitHub Enterprise Cloud with data residency (ghe.com), or GitHub
 * Enterprise Server (https://docs.github.com/actions/reference/security/oidc).
 */
export function workflowServer(url: string): WorkflowServer {
  const {hostname} = new URL(url)
  const isGhe = hostname.endsWith('.ghe.com')
  const issuer =
    hostname === 'github.com'
      ? 'https://token.actions.githubusercontent.com'
      : isGhe
        ? `https://token.actions.${hostname}`
        : `${url}/_services/token`
  return {url, issuer}
}
