import {chooseIdentities, unusedInputs, type IdentityQuestion} from '../credentials/cloud/choose-identities.ts'
import type {Minted} from '../credentials/cloud/minted.ts'
import {TokenServices} from '../credentials/cloud/mint.ts'
import type {Login} from '../credentials/login.ts'
import {TagboatError} from '../errors/error.ts'
import {defaultPolicy} from '../registry/retry.ts'
import type {Io} from '../io/io.ts'
import type {MintedCredentials} from './clouds.ts'

/**
 * Opens the credentials that clouds issue for the registries of this run. Nothing is requested yet. Inputs that fit no
 * registry are reported.
 * @throws TagboatError `aws-role-missing`
 */
export function openCloudCredentials(
  question: Omit<IdentityQuestion, 'environment'>,
  retries: number,
  io: Io,
): readonly MintedCredentials[] {
  const {environment, workflow, signal, now} = io
  const logins = chooseIdentities({...question, environment})
  for (const name of unusedInputs(question.inputs, logins)) {
    workflow.notice(`${name} has no effect: this run uses no registry that it is for, or an input has its login.`)
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
  }
  const services = new TokenServices(tokenIo)
  return logins.map((login) => ({host: login.host, isOptional: login.isOptional, get: services.open(login)}))
}

/** Logins for `docker login`, all requested at the same time, and the errors of those that the run can do without. */
export async function mintedLogins(
  credentials: readonly MintedCredentials[],
  io: Pick<Io, 'workflow'>,
  onLeftOut: (login: {readonly host: string}, error: TagboatError) => Promise<void>,
): Promise<readonly Login[]> {
  const logins = await Promise.all(
    credentials.map(async ({host, isOptional, get}): Promise<readonly Login[]> => {
      try {
        const minted = await get()
        io.workflow.info(identityLine(host, minted))
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
