import {cloudError} from '../../errors/cloud-error.ts'
import type {TagboatError} from '../../errors/error.ts'
import {errorCode} from '../../errors/node-error.ts'
import {Secret} from '../../errors/secret.ts'
import type {GoogleFile} from '../../inputs/credentials/identity.ts'
import {field, parseJson} from '../../oci/manifest.ts'
import {exchangeIdToken} from './google.ts'
import {fetchIdToken, type IdTokenSource} from './id-token.ts'
import type {Minted} from './minted.ts'
import type {TokenServiceIo} from './token-service.ts'

/** Variables with the path of a credential file. google-github-actions/auth exports both, and all libraries read the second. */
const variables = ['GOOGLE_GHA_CREDS_PATH', 'GOOGLE_APPLICATION_CREDENTIALS'] as const

/** Credential file that an earlier step has exported. Undefined if there is none. */
export function exportedGoogleFile(environment: TokenServiceIo['environment']): GoogleFile | undefined {
  return variables.map((variable) => ({variable, path: environment[variable] ?? ''})).find(({path}) => path !== '')
}

/**
 * Credentials of a file: a token for a workload identity, which the file describes, or the key of a service account.
 * @throws TagboatError `gcp-file-unusable`, and those of `exchangeIdToken` and `fetchIdToken`.
 */
export async function googleFileCredentials(file: GoogleFile, io: TokenServiceIo): Promise<Minted> {
  const text = await readFile(file, io)
  const content = parseJson(Buffer.from(text))
  switch (field(content, 'type')) {
    case 'service_account':
      return keyCredentials(text, content, {file, io})
    case 'external_account':
      return workloadToken(content, {file, io})
    default:
      throw unusable(file, describeType(content))
  }
}

async function readFile(file: GoogleFile, {readFile: read}: TokenServiceIo): Promise<string> {
  let text: string | undefined
  try {
    text = await read(file.path)
  } catch (error) {
    throw unusable(file, `it cannot be read (${errorCode(error) ?? 'unknown error'})`)
  }
  if (text !== undefined) return text
  const remedy =
    'Move actions/checkout before google-github-actions/auth: a checkout removes all other files of the workspace.'
  throw unusable(file, 'the file is missing', remedy)
}

interface Reading {
  readonly file: GoogleFile
  readonly io: TokenServiceIo
}

/** Key as the password of a login: https://cloud.google.com/artifact-registry/docs/docker/authentication#json-key */
function keyCredentials(text: string, content: unknown, {file, io}: Reading): Minted {
  const [key, email] = [field(content, 'private_key'), field(content, 'client_email')]
  if (typeof key !== 'string' || typeof email !== 'string')
    throw unusable(file, 'it has no private_key or client_email')
  const password = text.trim()
  for (const secret of [key, password]) io.secrets.keep(secret)
  const identity = `${email}, with the key of ${file.variable}`
  return {kind: 'basic', username: '_json_key', password: new Secret(password), until: undefined, identity}
}

/** https://google.aip.dev/auth/4117 */
async function workloadToken(content: unknown, {file, io}: Reading): Promise<Minted> {
  const source = sourceOf(content, io)
  if (source === undefined) throw unusable(file, 'its credential_source has no URL that returns an ID token')
  const provider = /^\/\/iam\.googleapis\.com\/(projects\/[\w/-]+)$/.exec(textOf(content, 'audience'))?.[1]
  if (provider === undefined) throw unusable(file, 'its audience is not a workload identity provider')
  // The tokens go to Google alone, whatever the file names.
  if (textOf(content, 'token_url') !== 'https://sts.googleapis.com/v1/token')
    throw unusable(file, 'its token_url is not https://sts.googleapis.com/v1/token')
  const address = textOf(content, 'service_account_impersonation_url')
  const serviceAccount = impersonated.exec(address)?.[1]
  if (address !== '' && serviceAccount === undefined)
    throw unusable(file, 'its service_account_impersonation_url is not of Google')
  return exchangeIdToken(await fetchIdToken(source, io), {provider, serviceAccount}, io)
}

const impersonated =
  /^https:\/\/iamcredentials\.googleapis\.com\/v1\/projects\/-\/serviceAccounts\/([^\s/:?#]+):generateAccessToken$/

/** Address of the ID token, with the headers for it, which contain a secret. Undefined for other sources. */
function sourceOf(content: unknown, {secrets}: TokenServiceIo): IdTokenSource | undefined {
  const source = field(content, 'credential_source')
  const address = textOf(source, 'url')
  const format = field(source, 'format')
  const isJson = field(format, 'type') === 'json'
  const headers = Object.entries(field(source, 'headers') ?? {}).flatMap(([name, value]: [string, unknown]) =>
    typeof value === 'string' ? [[name.toLowerCase(), value] as const] : [],
  )
  for (const [name, value] of headers) if (!plainHeaders.includes(name)) secrets.keep(value.replace(/^Bearer /i, ''))
  if (!URL.canParse(address) || !isProtected(new URL(address))) return undefined
  return {
    url: new URL(address),
    headers: Object.fromEntries(headers),
    field: isJson ? textOf(format, 'subject_token_field_name') : undefined,
  }
}

/** Headers without a secret, whose values occur in any log. */
const plainHeaders = ['accept', 'content-type', 'metadata', 'metadata-flavor', 'user-agent']

/** Reports whether a request to an address is safe from others: HTTPS, or a server of this machine. */
function isProtected({protocol, hostname}: URL): boolean {
  return protocol === 'https:' || (protocol === 'http:' && /^(?:localhost|127\.0\.0\.1|\[::1\])$/.test(hostname))
}

function textOf(content: unknown, name: string): string {
  const value = field(content, name)
  return typeof value === 'string' ? value : ''
}

/** Description of a file of another kind, without its content. */
function describeType(content: unknown): string {
  if (typeof content !== 'object' || content === null) return 'it is not a JSON object'
  const type = textOf(content, 'type')
  return /^[a-z_]{1,40}$/.test(type) ? `its type is ${type}` : 'it has no type'
}

function unusable({variable, path}: GoogleFile, reason: string, remedy?: string): TagboatError {
  return cloudError('gcp-file-unusable', {
    evidence: [`${variable}: ${path}: ${reason}`],
    ...(remedy !== undefined && {remedy}),
  })
}
