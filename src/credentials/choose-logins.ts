import type {GitContext} from '../context/git-context.ts'
import type {CredentialInputs} from '../inputs/inputs.ts'
import type {Repository} from '../oci/reference.ts'
import {hasLoginFor, type DockerConfig} from './docker-config.ts'
import type {Login} from './login.ts'

export interface LoginQuestion {
  readonly inputs: CredentialInputs
  readonly context: GitContext
  /** Where this run pushes to; empty when it does not. */
  readonly pushedTo: readonly Repository[]
  readonly userConfig: DockerConfig
}

const packageRegistry = 'ghcr.io'

/**
 * The logins of this run: those of the inputs that are complete, and GitHub's package registry with the actor and the
 * job's token when something is pushed there and nobody else has logged in. The token goes to no other registry, and
 * that of an Enterprise server is none of ghcr.io's.
 */
export function chooseLogins({inputs, context, pushedTo, userConfig}: LoginQuestion): readonly Login[] {
  const given = inputs.logins.map(({host, username, password}) =>
    host === packageRegistry ? fillIn({host, username, password}, inputs, context) : {host, username, password},
  )
  const complete = given.filter(({username, password}) => username !== '' && !password.isEmpty)
  const pushesPackages = pushedTo.some(({host}) => host === packageRegistry)
  const isGiven = given.some(({host}) => host === packageRegistry)
  const token = jobToken(inputs, context)
  if (!pushesPackages || isGiven || token === undefined || hasLoginFor(userConfig, packageRegistry)) return complete
  return [...complete, {host: packageRegistry, username: context.actor, password: token}]
}

/**
 * Registries that are pushed to without any login that this run knows of. With a credential store nobody can tell: the
 * store is asked when the push is.
 */
export function hostsWithoutLogin({pushedTo, userConfig}: LoginQuestion, logins: readonly Login[]): readonly string[] {
  if (typeof userConfig['credsStore'] === 'string' && userConfig['credsStore'] !== '') return []
  const hosts = new Set(pushedTo.map(({host}) => host))
  return [...hosts].filter((host) => !logins.some((login) => login.host === host) && !hasLoginFor(userConfig, host))
}

function fillIn(login: Login, inputs: CredentialInputs, context: GitContext): Login {
  const token = jobToken(inputs, context)
  return {
    host: login.host,
    username: login.username === '' ? context.actor : login.username,
    password: login.password.isEmpty && token !== undefined ? token : login.password,
  }
}

/** The job's token, where ghcr.io takes it: that of an Enterprise server is none of its business. */
export function jobToken({githubToken}: CredentialInputs, {server}: GitContext): CredentialInputs['githubToken'] {
  return githubToken === undefined || githubToken.isEmpty || server.url !== 'https://github.com'
    ? undefined
    : githubToken
}
