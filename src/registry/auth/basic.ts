import type {RegistryCredentials} from './credentials.ts'

/** Header with a user name and a password; undefined for other credentials. */
export function basicHeader(credentials: RegistryCredentials | undefined): string | undefined {
  if (credentials?.kind !== 'basic') return undefined
  const {username, password} = credentials
  return `Basic ${Buffer.from(`${username}:${password.reveal()}`).toString('base64')}`
}
