import type {ErrorCode} from '../../errors/causes.ts'
import {isEcr} from '../../oci/ecr.ts'
import {ghcrHost} from '../hosts.ts'

/** Answer of a registry, or of its token server, that refuses a request. */
interface RefusedRequest {
  /** Host as in image references. */
  readonly host: string
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
  /** Remedy from the groups of `text`. */
  readonly remedy?: (groups: Readonly<Record<string, string | undefined>>) => string
}

const isAzure = (host: string): boolean => /\.azurecr\.(?:io|us|cn)$/.test(host)

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
    text: /\bread[- ]only\b|REGISTRY_DISALLOWED_OPERATION/i,
  },
  {
    code: 'ghcr-creation-forbidden',
    of: isGhcr,
    pushOnly: true,
    text: /installation not allowed to Create \w+ package|permission_denied: create_package/i,
  },
  {code: 'ghcr-permission-missing', of: isGhcr, pushOnly: true, text: /installation not allowed to \w+ \w+ package/i},
  {code: 'ghcr-package-not-shared', of: isGhcr, pushOnly: true, text: /permission_denied: write_package/i},
  {
    code: 'token-read-only',
    pushOnly: true,
    text: /access token has insufficient scopes|token provided does not match expected scopes/i,
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
    if (match !== null) return {code, remedy: remedy?.(match.groups ?? {})}
  }
  return undefined
}

function isFor({of, pushOnly, loggedInOnly}: Omit<RefusalRow, 'code'>, request: RefusedRequest): boolean {
  if (pushOnly === true && !request.isPush) return false
  return (loggedInOnly !== true || request.isLoggedIn) && of?.(request.host) !== false
}

const codes: ReadonlySet<ErrorCode> = new Set(rows.map(({code}) => code))

/** Reports whether an error names the cause of a refusal. */
export function namesCause(code: ErrorCode): boolean {
  return codes.has(code)
}
