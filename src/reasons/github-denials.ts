import {formatWith, type ReasonIn, type ReasonTable} from './reason-table.ts'

/** Facts that GitHub does not show to the token of a run. `answer` is the refusal of the API; undefined without a token. */
interface GitHubDenials {
  readonly 'branches-denied': {readonly answer: string | undefined}
  readonly 'pulls-denied': {readonly answer: string | undefined}
  /** GitHub did not answer, and no deletion depends on it. */
  readonly 'refs-unlisted': {readonly answer: string}
  readonly 'deployments-denied': {readonly answer: string | undefined}
  /** The token has no requests left for the states of deployments. */
  readonly 'deployments-limited': {readonly answer: string}
}

export type GitHubDenial = ReasonIn<GitHubDenials>

export const gitHubDenials: ReasonTable<GitHubDenials> = {
  'branches-denied': ({answer}) => denied('branches that exist', 'contents: read', answer),
  'pulls-denied': ({answer}) => denied('pull requests that are open', 'pull-requests: read', answer),
  'refs-unlisted': ({answer}) =>
    `GitHub did not list the branches and pull requests, and no line of the policy needs them (${answer})`,
  'deployments-denied': ({answer}) => denied('deployments', 'deployments: read', answer),
  'deployments-limited': ({answer}) =>
    `the states of some deployments are unknown, so the images of their commits stay: the limit of the token is used up (${answer})`,
}

/** Sentence about a denial. */
export function formatGitHubDenial(denial: GitHubDenial): string {
  return formatWith(gitHubDenials, denial)
}

function denied(facts: string, permission: string, answer: string | undefined): string {
  return answer === undefined
    ? `the ${facts} are unknown, because \`github-token\` is empty`
    : `the ${facts} are unknown, because the token of this run may not list them: add \`permissions: ${permission}\` to the job (${answer})`
}
