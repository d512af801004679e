import {field, parseJson} from '../../oci/manifest.ts'
import type {Authorization} from './authorization.ts'
import type {Scope} from './scope.ts'

/** Answer of a token server to a request for rights in a repository. */
export interface Grant {
  /** Whether it issued a token for a login. It gets no request if the login is a token for the registry itself. */
  readonly isIssued: boolean
  /** Actions that the token grants; undefined if it does not state them. */
  readonly actions: readonly string[] | undefined
}

/** Requests a token for a scope. */
export async function grantOf(authorization: Authorization, scope: Scope): Promise<Grant> {
  const header = await authorization.header([scope])
  return {isIssued: authorization.isIssued(header), actions: grantedActions(header, scope.path)}
}

/**
 * Actions in a repository that a token grants, by its claim `access`
 * (https://distribution.github.io/distribution/spec/auth/jwt/). Undefined if the token has no such claim. Its signature is
 * not checked: the registry decides, and this only saves a request.
 */
function grantedActions(header: string | undefined, path: string): readonly string[] | undefined {
  const [, payload] = /^Bearer [\w-]+\.([\w-]+)\.[\w-]+$/.exec(header ?? '') ?? []
  if (payload === undefined) return undefined
  const access = field(parseJson(Buffer.from(payload, 'base64url')), 'access')
  if (!Array.isArray(access)) return undefined
  return access
    .filter((entry) => field(entry, 'type') === 'repository' && field(entry, 'name') === path)
    .flatMap((entry): readonly unknown[] => {
      const actions = field(entry, 'actions')
      return Array.isArray(actions) ? actions : []
    })
    .filter((action) => typeof action === 'string')
}
