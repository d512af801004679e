/**
 * Reports whether the token server of a `WWW-Authenticate` header is that of Quay, which creates a repository when the scope
 * for pushes to it is requested.
 */
export function isQuay(challenge: string | undefined): boolean {
  return /\brealm="[^"]*\/v2\/auth"/i.test(challenge ?? '')
}
