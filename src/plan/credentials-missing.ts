import {TagboatError} from '../errors/error.ts'
import type {CredentialInput} from '../inputs/credentials/credentials.ts'
import {ecrRemedy} from '../inputs/credentials/aws-pair.ts'
import {isEcr} from '../oci/ecr.ts'
import type {PushQuestion} from './push-decision.ts'

/** Error for logins without a user name or password, to registries that a run writes to. */
export function credentialsMissing(logins: readonly CredentialInput[], question: PushQuestion): TagboatError {
  const isIdentity = logins.every(({emptyKeys}) => emptyKeys !== undefined)
  const remedy = missingRemedy(logins, question)
  return new TagboatError('credentials-missing', {
    message: `The login to ${logins.map(({host}) => host).join(', ')} has an empty ${isIdentity ? 'identity' : 'user name or password'}.`,
    evidence: logins.flatMap(emptyFields),
    ...(remedy !== undefined && {remedy}),
  })
}

function missingRemedy(logins: readonly CredentialInput[], {push, context}: PushQuestion): string | undefined {
  if (logins.every(({host, emptyKeys}) => isEcr(host) && emptyKeys === undefined)) return ecrRemedy
  if (!context.byDependabot && context.pull?.fromFork !== true) return undefined
  return push === 'true'
    ? 'Leave `push` on `auto`: runs of Dependabot and of pull requests from forks have no secrets.'
    : 'Set `cache-to` only if the secrets exist: runs of Dependabot and of pull requests from forks have none.'
}

function emptyFields({host, username, password, source, line, emptyKeys}: CredentialInput): readonly string[] {
  const where = source === 'inputs' ? '' : `registry-auth${line === undefined ? '' : `, line ${line}`}: `
  const fields = emptyKeys ?? [...(username === '' ? ['username'] : []), ...(password.isEmpty ? ['password'] : [])]
  return fields.map((field) => `${where}${field} is empty (registry ${host})`)
}
