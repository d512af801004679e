import {Secret} from '../../errors/secret.ts'
import {dockerHub} from '../../oci/reference.ts'
import {isEcr} from '../../oci/ecr.ts'
import type {CloudInputs} from './cloud-inputs.ts'
import {readHost, type InputReader} from '../input-reader.ts'
import {isPublishingInput} from '../spec/spec.ts'
import {cloudSpecs} from '../spec/spec-cloud.ts'
import type {CredentialInput, CredentialInputs} from './credentials.ts'
import type {AuthItems} from './registry-auth.ts'
import {asJson, isJsonText} from '../secrets/json-password.ts'

/** Reads the inputs for credentials. User name and password may be empty; the caller fills in defaults. */
export async function readCredentialInputs(reader: InputReader): Promise<CredentialInputs> {
  const token = new Secret(reader.text('github-token'))
  if (!reader.boolean('logout')) reader.notice('logout', {}, noLogout)
  const {logins, identities} = await readItems(reader)
  await checkGoogleLogins(logins, reader)
  const clouds = await readClouds(reader, identities)
  // With a connection, `username` names its organization, and the password comes from Docker.
  const organization = clouds?.dockerHubConnection === undefined ? undefined : logins.find(isHubUser)
  return {
    logins: logins.filter((login) => login !== organization),
    ...(clouds !== undefined && {clouds: {...clouds, dockerHubUser: organization?.username}}),
    exportLogin: reader.boolean('export-login'),
    githubToken: token.isEmpty ? undefined : token,
  }
}

const noLogout =
  'it has no effect: this step uses a private Docker configuration and always removes it. Set export-login to keep the credentials for later steps'

/** The parser of these inputs is loaded only if one of them is set. */
async function readClouds(
  reader: InputReader,
  items: CloudInputs['items'],
): Promise<Omit<CloudInputs, 'dockerHubUser'> | undefined> {
  const isSet = Object.keys(cloudSpecs).some((name) => isPublishingInput(name) && reader.isSet(name))
  if (!isSet && items.length === 0) return undefined
  const {readCloudInputs} = await import('./cloud-inputs.ts')
  if (!reader.isSet('ecr-create')) return {...readCloudInputs(reader), items}
  const {readEcrCreate} = await import('./ecr-create.ts')
  return {...readCloudInputs(reader), items, ecrCreate: readEcrCreate(reader)}
}

/** Reports mistakes in logins with a key or a token of Google. The check is loaded only for their user names. */
async function checkGoogleLogins(logins: CredentialInputs['logins'], reader: InputReader): Promise<void> {
  const google = logins.filter(({username}) => /^(?:_json_key(?:_base64)?|oauth2accesstoken)$/.test(username))
  if (google.length > 0) (await import('./google-key.ts')).checkGoogleLogins(google, reader)
}

function isHubUser({host, username, password}: CredentialInput): boolean {
  return host === dockerHub.name && username !== '' && password.isEmpty
}

async function readItems(reader: InputReader): Promise<AuthItems> {
  const single = await readSingleLogin(reader)
  if (reader.text('registry-auth') === '') return single
  const others = (['registry', 'username', 'password'] as const).filter((name) => reader.text(name) !== '')
  if (others.length > 0) {
    const remedy = 'Add the login to the list, or remove the list.'
    reader.problem('registry-auth', {}, `it cannot be combined with ${others.join(', ')}`, remedy)
  }
  // The YAML parser is large, and most runs do not need it.
  const {readRegistryAuth} = await import('./registry-auth.ts')
  return readRegistryAuth(reader)
}

/** Reads `registry`, `username` and `password`. There is none if all are empty. The default registry is Docker Hub. */
async function readSingleLogin(reader: InputReader): Promise<AuthItems> {
  const registry = reader.text('registry')
  const username = reader.text('username')
  const password = new Secret(reader.text('password'))
  if (registry === '' && username === '' && password.isEmpty) return {logins: [], identities: []}
  const host = readHost(reader, 'registry', registry, {})
  if (host === undefined) return {logins: [], identities: []}
  const ecr = reader.choice('ecr', ['auto', 'true', 'false'])
  // Any other login is not a key pair.
  const pair =
    isEcr(host) || /^A[KS]IA/.test(username)
      ? (await import('./aws-pair.ts')).readAwsPair({
          host,
          username,
          password,
          ecr,
          region: reader.optionalText('aws-region'),
        })
      : undefined
  if (pair !== undefined && 'identity' in pair) return {logins: [], identities: [{host, identity: pair.identity}]}
  if (pair !== undefined) reader.problem('username', {}, pair.problem.message, pair.problem.remedy)
  if (isJsonText(password)) reader.warning('password', {}, `${asJson}; toJSON is only for registry-auth`)
  if (registry === '' && /^(?:gh[oprsu]_|github_pat_)/.test(password.reveal())) {
    const message = 'it is empty, so username and password are for Docker Hub, but the password is a token of GitHub'
    const remedy = 'Set `registry: ghcr.io`, or remove `username` and `password`: ghcr.io gets the token of the job.'
    reader.problem('registry', {}, message, remedy)
  }
  const login = {host, username, password, source: 'inputs'} as const
  return {logins: [registry === '' ? {...login, isUnnamed: true} : login], identities: []}
}
