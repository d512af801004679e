/** `scheme://user:password@`, up to the last `@` before the path. Each text is read once. */
const userInfo = /((?:https?)?:\/\/)([^\s"'`<>/?#]+)@/gi
/** A query key with a value that is a key or a signature. */
const signedQuery = /([?&](?:[\w-]*[-_])?(?:sig|signature|token|password|secret|credential)=)([^&\s"'`<>#,|]+)/gi

/** A text with `***` in these places; the user of an SSH address stays. */
export function withoutAddressSecrets(text: string): string {
  if (!/:\/\/|=/.test(text)) return text
  return text
    .replace(userInfo, (whole, scheme: string, user: string) => (isSecret(scheme, user) ? `${scheme}***@` : whole))
    .replace(signedQuery, '$1***')
}

/** Those texts, as they are written and decoded: what the runner has to mask. */
export function addressSecrets(text: string): readonly string[] {
  const users = [...text.matchAll(userInfo)].flatMap(([, scheme = '', user = '']) =>
    isSecret(scheme, user) ? partsOf(user) : [],
  )
  const signatures = [...text.matchAll(signedQuery)].map(([, , value = '']) => value)
  return [...new Set([...users, ...signatures].flatMap((secret) => [secret, decoded(secret)]))]
}

/** `https://TOKEN@host` is a secret, `ssh://git@host` is not. */
function isSecret(scheme: string, user: string): boolean {
  return user.includes(':') || /^http/i.test(scheme)
}

/** Some servers take a token as user, with a word or nothing for a password. */
function partsOf(user: string): readonly string[] {
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
