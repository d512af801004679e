/** User information of a URL, `scheme://user:password@`, up to the last `@` before the path. Runs in linear time. */
const userInfo = /((?:https?)?:\/\/)([^\s"'`<>/?#]+)@/gi
/** Query parameter whose value is a secret or a signature. */
const signedQuery = /([?&](?:[\w-]*[-_])?(?:sig|signature|token|password|secret|credential)=)([^&\s"'`<>#,|]+)/gi

/** Replaces the secrets in the addresses of a text with `***`. The user of an SSH address is not a secret. */
export function withoutAddressSecrets(text: string): string {
  if (!/:\/\/|=/.test(text)) return text
  return text
    .replace(userInfo, (whole, scheme: string, user: string) => (isSecret(scheme, user) ? `${scheme}***@` : whole))
    .replace(signedQuery, '$1***')
}

/** Secrets in the addresses of a text, encoded and decoded, for the runner to mask. */
export function addressSecrets(text: string): readonly string[] {
  const users = [...text.matchAll(userInfo)].flatMap(([, scheme = '', user = '']) =>
    isSecret(scheme, user) ? secretPart(user) : [],
  )
  const signatures = [...text.matchAll(signedQuery)].map(([, , value = '']) => value)
  return [...new Set([...users, ...signatures].flatMap((secret) => [secret, decoded(secret)]))]
}

/** Reports whether user information is a secret: `https://TOKEN@host` is one, `ssh://git@host` is not. */
function isSecret(scheme: string, user: string): boolean {
  return user.includes(':') || /^http/i.test(scheme)
}

/** Secret part of user information. Some servers accept a token as the user, with a fixed password or none. */
function secretPart(user: string): readonly string[] {
  const colon = user.indexOf(':')
  const password = colon === -1 ? '' : user.slice(colon + 1)
  return password === '' || password === 'x-oauth-basic' ? [colon === -1 ? user : user.slice(0, colon)] : [password]
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
