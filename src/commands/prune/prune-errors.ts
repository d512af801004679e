import {TagboatError} from '../../errors/error.ts'
import {pruneRemedies} from '../../errors/causes/prune-remedies.ts'
import type {CredentialInputs} from '../../inputs/credentials/credentials.ts'
import {ghcrHost} from '../../oci/ghcr.ts'
import {formatRepository, type Repository} from '../../oci/reference.ts'

/** Repository of an error, and the credentials of the run. */
interface FailedAccess {
  readonly repository: Repository
  readonly credentials: CredentialInputs
}

/** Gives an error the remedy that the prune action has for it, with the inputs of that action. */
export function withPruneRemedy(error: TagboatError, access?: FailedAccess): TagboatError {
  const {code, message, evidence, isCause, place, isAbsent, cause} = error
  const remedy = (access === undefined ? undefined : accessRemedy(error, access)) ?? error.remedy ?? pruneRemedies[code]
  if (remedy === undefined || remedy === error.remedy) return error
  const details = {message, evidence, isCause, isAbsent, cause, remedy}
  return new TagboatError(code, {...details, ...(place !== undefined && {place})})
}

const denials: readonly TagboatError['code'][] = ['tags-unlisted', 'pull-denied']

/** Remedy of a denied request, by the login that the inputs give for the registry; undefined for other errors. */
function accessRemedy(
  {code, evidence}: TagboatError,
  {repository, credentials: {logins, clouds}}: FailedAccess,
): string | undefined {
  const {host} = repository
  const isDenied = denials.includes(code) && evidence.some((line) => /\b40[13]\b/.test(line))
  if (!isDenied || host === ghcrHost || clouds !== undefined) return undefined
  const name = formatRepository(repository)
  if (logins.some((login) => login.host === host && login.isUnnamed !== true))
    return `Check the user name and the password for ${host}: they may be wrong, or lack the right to read and delete in ${name}.`
  if (logins.some(({isUnnamed}) => isUnnamed === true)) {
    return `\`username\` and \`password\` without \`registry\` are for Docker Hub: set \`registry: ${host}\`.`
  }
  return `Set \`registry: ${host}\`, \`username\` and \`password\`, or log in before this step, with the right to read and delete in ${name}.`
}
