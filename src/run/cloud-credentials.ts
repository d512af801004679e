import path from 'node:path'
import {chooseIdentities, unusedInputs} from '../credentials/cloud/choose-identities.ts'
import type {Minted} from '../credentials/cloud/minted.ts'
import {TokenServices} from '../credentials/cloud/mint.ts'
import {logIn, type Login, type LoginIo} from '../credentials/login.ts'
import {TagboatError} from '../errors/error.ts'
import {defaultPolicy} from '../registry/retry.ts'
import {workspace, type Io} from '../io/io.ts'
import type {CloudUser, MintedCredentials} from './clouds.ts'
import type {CredentialServer} from './credential-server.ts'
import type {PrivateDockerConfig} from './private-config.ts'

/**
 * Opens the credentials that clouds issue for the registries of this run. Nothing is requested yet. Inputs that fit no
 * registry are reported.
 * @throws TagboatError `aws-role-missing`
 */
export function openCloudCredentials(
  {logins: others, retries, ...question}: CloudUser,
  io: Io,
): readonly MintedCredentials[] {
  const {environment, workflow, signal, now} = io
  const logins = chooseIdentities({...question, configured: others, environment})
  for (const name of unusedInputs(question.inputs, logins)) {
    workflow.notice(`${name} has no effect: this run uses no registry of that cloud, or has another login for it.`)
  }
  const tokenIo = {
    http: io.http(signal),
    retrier: {
      policy: {...defaultPolicy, retries},
      timer: {...io.timer(signal), now},
      activity: {
        request: () => () => undefined,
        retry: (line: string) => {
          workflow.info(line)
        },
      },
      signal,
    },
    secrets: {
      keep: (secret: string) => {
        workflow.mask(secret)
      },
      hide: workflow.hide,
    },
    environment,
    readFile: async (file: string) => io.files.read(path.resolve(workspace(io), file)),
  }
  const services = new TokenServices(tokenIo)
  return logins.map((login) => {
    const {host, scope, isOptional} = login
    const own = scope === undefined ? {host} : {host, scope}
    return {...own, isOptional, get: services.open(login), ecr: services.ecr(login)}
  })
}

/** Credentials of a build, and the private configuration that gets them. */
interface CloudLogins {
  readonly logins: readonly Login[]
  readonly minted: readonly MintedCredentials[]
  readonly server: CredentialServer | undefined
  readonly dockerConfig: PrivateDockerConfig
}

/**
 * Requests the credentials that clouds issue, and logs in. With a server of these credentials, the two run at the same
 * time, because the private configuration has a helper for their registries.
 */
export async function logInWithClouds(
  {logins, minted, server, dockerConfig}: CloudLogins,
  io: LoginIo & Pick<Io, 'workflow'> & {readonly onLeftOut: OnLeftOut},
): Promise<void> {
  const minting = mintedLogins(minted, io)
  if (server === undefined) {
    await logIn([...logins, ...(await minting)], dockerConfig, io)
    return
  }
  const work = [minting, logIn(logins, dockerConfig, io)]
  await Promise.allSettled(work)
  await Promise.all<unknown>(work)
}

type OnLeftOut = (login: {readonly host: string}, error: TagboatError) => Promise<void>

/** Logins for `docker login`, all requested at the same time, and the errors of those that the run can do without. */
async function mintedLogins(
  credentials: readonly MintedCredentials[],
  {workflow, onLeftOut}: Pick<Io, 'workflow'> & {readonly onLeftOut: OnLeftOut},
): Promise<readonly Login[]> {
  const logins = await Promise.all(
    credentials.map(async ({host, isOptional, get}): Promise<readonly Login[]> => {
      try {
        const minted = await get()
        workflow.info(identityLine(host, minted))
        const {username, password} = minted
        return [{host, username, password, ...(isOptional && {isOptional: true})}]
      } catch (error) {
        if (!isOptional || !(error instanceof TagboatError)) throw error
        await onLeftOut({host}, error)
        return []
      }
    }),
  )
  return logins.flat()
}

/** `123456789012.dkr.ecr.eu-west-1.amazonaws.com: role arn:… as repo:…, until 14:05 UTC` */
function identityLine(host: string, {identity, until}: Minted): string {
  const end = until === undefined ? '' : `, until ${until.toISOString().slice(11, 16)} UTC`
  return `${host}: ${identity}${end}`
}
