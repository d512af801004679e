import {isEcr} from '../../oci/ecr.ts'
import type {Inputs} from '../inputs.ts'
import type {Problems} from '../problem.ts'
import type {CredentialInput} from './credentials.ts'

const remedy = 'Set the secret that it uses, or leave the login out.'

/**
 * Reports logins with a user name and without a password, for a run that has other problems: otherwise they would be the
 * next error. Whether a valid run needs them follows from its event.
 */
export function reportEmptyPasswords({credentials, publish}: Inputs, eventName: string, problems: Problems): void {
  const {logins, githubToken} = credentials
  if (publish.push === 'false' || (publish.push === 'auto' && eventName.startsWith('pull_request'))) return
  for (const login of logins) {
    const {host, scope, username, password, source, line} = login
    const fillsIn = host === 'ghcr.io' && scope === undefined && githubToken !== undefined
    if (username === '' || !password.isEmpty || fillsIn || isEcr(host)) continue
    if (source === 'inputs') problems.add({input: 'password', message: 'the login has no password', remedy})
    else if (!hasProblem(login, logins, problems)) {
      const place = line === undefined ? {} : {line}
      problems.add({input: source, ...place, message: 'this login has no password', remedy})
    }
  }
}

/** Reports whether an item has a problem already, such as a misspelled key. */
function hasProblem({line = 0}: CredentialInput, logins: readonly CredentialInput[], {all}: Problems): boolean {
  const next = logins.map((one) => one.line ?? 0).filter((one) => one > line)
  const end = Math.min(...next, Number.POSITIVE_INFINITY)
  return all.some((problem) => problem.input === 'registry-auth' && isWithin(problem.line ?? 0, line, end))
}

function isWithin(line: number, start: number, end: number): boolean {
  return line >= start && line < end
}
