import type {ErrorCode} from '../../errors/causes.ts'
import {isEcr} from '../../oci/ecr.ts'
import {ghcrHost} from '../../oci/ghcr.ts'

/** Answer of a registry, or of its token server, that refuses a request. */
interface RefusedRequest {
  /** Host as in image references. */
  readonly host: string
  /** Path of the repository; undefined if it is not known. */
  readonly path?: string | undefined
  readonly isPush: boolean
  /** The login was accepted: the request is for content, and had credentials. */
  readonly isLoggedIn: boolean
  /** Codes and messages of the answer. */
  readonly text: string
}

/** Cause of a refusal that is more exact than a denial, and its remedy if the text allows a more exact one. */
interface Refusal {
  readonly code: RefusalCode
  readonly remedy: string | undefined
}

/** Answer that a kind of registry gives for one cause. */
interface RefusalRow {
  readonly code: ErrorCode
  /** Hosts that answer like this; every host if undefined. */
  readonly of?: (host: string) => boolean
  /** Only refusals of a push. */
  readonly pushOnly?: true
  /** Only refusals after an accepted login. */
  readonly loggedInOnly?: true
  readonly text: RegExp
  /** Remedy from the groups of `text`, and from `owner`, the first part of the path. */
  readonly remedy?: (groups: Readonly<Record<string, string | undefined>>) => string
}

const isAzure = (host: string): boolean => /\.azurecr\.(?:io|us|cn)$/.test(host)
/** Registry of Oracle Cloud, which reports a conflict also for a manifest that it has. */
export const isOracle = (host: string): boolean => /\.ocir\.io$|^ocir\.[\w-]+\.oci\.oraclecloud\.com$/.test(host)
const isIbm = (host: string): boolean => /(?:^|\.)icr\.io$/.test(host)

/**
 * Answers of registries to requests that they refuse, the most specific first. Sources: the documentation of each vendor
 * and the source of Harbor, Quay and Gitea.
 */
const rows = [
  {code: 'login-expired', text: /authorization token has expired|token (?:has|is) expired|expired token\b/i},
  {
    code: 'registry-firewall',
    text: /client with IP '?(?<address>[^'\s]{1,60})'? is not allowed access|blocked by (?:the )?(?:firewall|network rules)/i,
    remedy: ({address}) =>
      `Allow the address ${address ?? 'of this runner'} in the firewall of the registry, or use a runner inside its network. Runners hosted by GitHub do not have fixed addresses.`,
  },
  {
    code: 'registry-read-only',
    pushOnly: true,
    text: /\brepository is read[- ]only\b/i,
    remedy: () =>
      'If this is Nexus, set the deployment policy of the repository to "Allow redeploy". Otherwise run the job again after the maintenance.',
  },
  {
    code: 'registry-read-only',
    pushOnly: true,
    text: /\bread[- ]only\b|REGISTRY_DISALLOWED_OPERATION/i,
  },
  {
    code: 'ghcr-creation-forbidden',
    of: isGhcr,
    pushOnly: true,
    text: /installation not allowed to Create \w+ package|permission_denied: create_package/i,
  },
  {
    code: 'ghcr-permission-missing',
    of: isGhcr,
    pushOnly: true,
    text: /installation not allowed to \w+ \w+ package/i,
    remedy: ({owner = 'that owner'}) =>
      `If ${owner} owns this repository, add \`permissions: packages: write\` to the job, and to the calling workflow of a reusable one. If not, the token of the job cannot write there: publish under the owner of this repository, run the workflow in a repository of ${owner}, or set \`registry: ghcr.io\` with \`username\` and \`password\`, a classic personal access token with \`write:packages\` of a user that may write packages of ${owner}.`,
  },
  {code: 'ghcr-package-not-shared', of: isGhcr, pushOnly: true, text: /permission_denied: write_package/i},
  {
    code: 'token-read-only',
    pushOnly: true,
    text: /access token has insufficient scopes|token provided does not match expected scopes/i,
  },
  {
    code: 'token-read-only',
    of: isIbm,
    pushOnly: true,
    text: /insufficient scope/i,
    remedy: () =>
      'Grant the role Writer on the namespace to the owner of the API key, and check the context-based restrictions of the account.',
  },
  {
    code: 'token-read-only',
    pushOnly: true,
    text: /\bDENIED access forbidden\b/,
    remedy: () => 'Use a token of GitLab with the scopes `read_registry` and `write_registry`.',
  },
  {
    code: 'push-denied',
    pushOnly: true,
    text: /pushing to protected repository path forbidden|\btag "?[\w.-]{1,128}"? is protected\b/i,
    remedy: () =>
      'A protection rule of the GitLab project covers the repository or the tag: use a token with the role that the rule requires.',
  },
  {
    code: 'push-denied',
    pushOnly: true,
    text: /\breqPackageAccess\b/,
    remedy: () =>
      'Use a token with the scope `write:package`, of a user with write access to the packages of this owner. Gitea and Forgejo do not distinguish the two cases.',
  },
  {
    code: 'registry-failed',
    of: isOracle,
    text: /\bCONFLICT\b/,
    remedy: () =>
      'The registry of Oracle refuses a manifest that it is storing already. Run the job again: it publishes only what is missing.',
  },
  {
    code: 'pull-denied',
    text: /\bPROJECTPOLICYVIOLATION\b/,
    remedy: () =>
      'A policy of the project prevents pulls of this image because of its vulnerabilities or missing signatures: change the image, or the policy.',
  },
  {
    code: 'ecr-denied',
    of: isEcr,
    text: /\bUser: (?<user>\S{1,300}) is not authorized to perform: (?<action>ecr[\w-]{0,20}:\w{1,80})(?: on resource: (?<resource>\S{1,300}))?/i,
    remedy: ({user, action, resource}) =>
      `Allow ${action ?? ''} on ${resource ?? 'the repository'} in a policy of ${user ?? 'the role'}. For a repository of another account, its repository policy must allow it too.`,
  },
  {
    code: 'gar-denied',
    text: /permission "artifactregistry\.[\w.]{1,80}" denied on resource "projects\/(?<project>[^/"]{1,100})\/locations\/(?<location>[^/"]{1,100})\/repositories\/(?<name>[^/"]{1,100})"/i,
    remedy: ({project, location, name}) =>
      `Create the repository ${name ?? ''} in ${location ?? ''} of the project ${project ?? ''}, or grant the role roles/artifactregistry.writer on it. The registry does not distinguish the two cases.`,
  },
  {code: 'gar-denied', text: /permission "artifactregistry\./i},
  {
    code: 'acr-role-missing',
    of: isAzure,
    loggedInOnly: true,
    text: /\bUNAUTHORIZED\b|aka\.ms\/acr\/authorization/i,
  },
  {
    code: 'project-missing',
    text: /\b(?:project|namespace|organization) '?"?(?<name>[\w.-]{1,128})'?"? (?:not found|does not exist)/i,
    remedy: ({name}) => `Create ${name ?? 'it'} in the registry, or check the spelling in \`images\`.`,
  },
  // Gitea and Forgejo, as plain text.
  {
    code: 'project-missing',
    pushOnly: true,
    text: /^ Not found\.$/,
    remedy: () =>
      'Create the user or organization in Gitea or Forgejo, or check the spelling in `images`: the first part of the name is the owner.',
  },
  {
    code: 'name-not-allowed',
    pushOnly: true,
    text: /\bNAME_INVALID\b|invalid repository name|nested repositories are not/i,
  },
] as const satisfies readonly RefusalRow[]

type RefusalCode = (typeof rows)[number]['code']

/** GitHub's container registry, also that of a GitHub Enterprise Server. */
function isGhcr(host: string): boolean {
  return host === ghcrHost || host.startsWith('containers.')
}

/** Finds the cause of a refusal; undefined if the answer does not name one. */
export function refusalOf(request: RefusedRequest): Refusal | undefined {
  for (const {code, ...row} of rows) {
    const {text, remedy}: Omit<RefusalRow, 'code'> = row
    const match = isFor(row, request) ? text.exec(request.text) : null
    if (match !== null) return {code, remedy: remedy?.({...match.groups, owner: request.path?.split('/')[0]})}
  }
  return undefined
}

function isFor({of, pushOnly, loggedInOnly}: Omit<RefusalRow, 'code'>, request: RefusedRequest): boolean {
  if (pushOnly === true && !request.isPush) return false
  return (loggedInOnly !== true || request.isLoggedIn) && of?.(request.host) !== false
}

const general: ReadonlySet<ErrorCode> = new Set<ErrorCode>(['push-denied', 'pull-denied', 'registry-failed'])
const codes: ReadonlySet<ErrorCode> = new Set(rows.map(({code}) => code).filter((code) => !general.has(code)))

/** Reports whether an error names the cause of a refusal, so that it is not just a denial. */
export function namesCause(code: ErrorCode): boolean {
  return codes.has(code)
}
