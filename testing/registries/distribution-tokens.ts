import {createPrivateKey} from 'node:crypto'
import {mkdtemp, readFile, rm, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import path from 'node:path'
import {makeCertificate} from '../certificate.ts'
import {rawRequest} from '../raw-http.ts'
import {freePort, makeHtpasswd, type RegistryLogin, type RegistryTokens} from '../registry.ts'
import {startService} from './service.ts'

/**
 * Token server of distribution 2.8 (`contrib/token-server`). It checks passwords, and grants a user all actions on the
 * repositories below the name of the user, and none on others.
 */
export interface DistributionTokens extends RegistryTokens, AsyncDisposable {
  readonly host: string
}

const service = 'tagboat-test-registry'
const issuer = 'tagboat-test-tokens'

export async function startDistributionTokens(users: readonly RegistryLogin[]): Promise<DistributionTokens> {
  const folder = await mkdtemp(path.join(tmpdir(), 'tagboat-token-server-'))
  const {certificate, key} = await makeCertificate(folder, issuer)
  const keyFile = path.join(folder, 'ec-key.pem')
  // The only format that the token server reads.
  const sec1 = createPrivateKey(await readFile(key)).export({type: 'sec1', format: 'pem'})
  await writeFile(keyFile, sec1, {mode: 0o600})
  const passwords = await makeHtpasswd(folder, users)
  const host = `127.0.0.1:${await freePort()}`
  const server = await startService({
    program: 'token-server',
    args: ['-addr', host, '-issuer', issuer, '-key', keyFile, '-passwd', passwords, '-realm', 'tagboat'],
    isReady: async () => (await rawRequest(host, {method: 'GET', path: '/token/'})).status === 401,
  })

  async function token(access: Parameters<RegistryTokens['token']>[0]): Promise<string> {
    const [first] = access
    const user = users.find(({username}) => first?.repository.startsWith(`${username}/`) ?? false) ?? users[0]
    const scopes = access.map(({repository, actions}) => `scope=repository:${repository}:${actions.join(',')}`)
    const login = Buffer.from(`${user?.username ?? ''}:${user?.password ?? ''}`).toString('base64')
    const {text} = await rawRequest(host, {
      method: 'GET',
      path: `/token/?${[`service=${service}`, ...scopes].join('&')}`,
      headers: {authorization: `Basic ${login}`},
    })
    return (JSON.parse(text) as {readonly access_token: string}).access_token
  }

  return {
    host,
    configuration: {realm: `http://${host}/token/`, service, issuer, rootcertbundle: certificate},
    token,
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]()
      await rm(folder, {recursive: true, force: true})
    },
  }
}
