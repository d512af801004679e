import {connectionDetails} from '../errors/connection-trouble.ts'
import {deniedEngine, deniedEngineRemedy} from '../errors/engine-access.ts'
import {TagboatError} from '../errors/error.ts'
import type {CommandResult} from '../io/command.ts'
import {dockerHub} from '../oci/reference.ts'
import type {Login} from './login.ts'

/**
 * Refusals of a registry. The engine's "permission denied while trying to connect" is not one. The engine repeats a login
 * that an insecure registry refused over plain HTTP, and reports only that a server with TLS answers this with 400.
 */
const refusal =
  /\bunauthorized\b|(?<!permission )\bdenied\b|\bforbidden\b|incorrect username|(?<!:)\b40[13]\b|attempt to http:\/\/\S{1,300} failed with status: 400\b/i

export function loginError({host, username}: Login, {stderr, stdout, exitCode}: CommandResult): TagboatError {
  const printed = `${stderr}\n${stdout}`.split('\n').filter((line) => line.trim() !== '' && !line.startsWith('WARNING'))
  const evidence = [`docker login ${host} as ${username} ended with code ${exitCode}`, ...printed.slice(-3)]
  if (refusal.test(printed.join('\n'))) {
    return new TagboatError('login-refused', {
      message: `${host} refused the login of ${username}.`,
      evidence,
      ...(host === dockerHub.name ? {remedy: hubRemedy} : {}),
    })
  }
  const text = printed.join('\n')
  if (deniedEngine.test(text)) return new TagboatError('engine-unreachable', {evidence, remedy: deniedEngineRemedy})
  const details = connectionDetails(text, host)
  return new TagboatError('login-failed', {
    message: `The login to ${host} failed.${details === undefined ? '' : ` ${details.message}`}`,
    // The engine prints the error of its HTTP client.
    evidence: details === undefined ? evidence : [`${evidence[0] ?? ''}: ${details.reason}`],
    remedy: details?.remedy,
  })
}

const hubRemedy =
  'Check `username` and `password` (a Docker Hub access token). If they are for another registry, set `registry` to its host; the default is Docker Hub.'

/** Combines failed logins into one error with the code of the first. */
export function combineFailures(failures: readonly unknown[]): unknown {
  const reported = failures.filter((failure) => failure instanceof TagboatError)
  const [first] = reported
  if (first === undefined || reported.length === 1) return first ?? failures[0]
  return new TagboatError(first.code, {
    message: reported.map(({message}) => message).join(' '),
    evidence: reported.flatMap(({evidence}) => evidence),
  })
}
