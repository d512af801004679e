import {field, parseJson} from '../../oci/manifest.ts'

/**
 * Actions in a repository that a token grants, by its claim `access`
 * (https://distribution.github.io/distribution/spec/auth/jwt/). Undefined if the token has no such claim. Its signature is
 * not checked: the registry decides, and this only saves a request.
 */
export function grantedActions(header: string | undefined, path: string): readonly string[] | undefined {
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
