import type {InputReader} from '../input-reader.ts'
import type {Problem} from '../problem.ts'
import type {CredentialInput} from './credentials.ts'

/** Login with one of the user names that Artifact Registry has instead of users. */
interface GoogleLogin {
  readonly username: string
  /** Text with at least one character. */
  readonly password: string
}

type Finding = Pick<Problem, 'message' | 'remedy'> | undefined

/** Reports mistakes in logins with the user names of Artifact Registry. No part of a password is quoted. */
export function checkGoogleLogins(logins: readonly CredentialInput[], reader: InputReader): void {
  for (const {username, password, source, line} of logins) {
    const mistake = password.isEmpty ? undefined : findKeyMistake({username, password: password.reveal()})
    const name = source === 'inputs' ? 'password' : 'registry-auth'
    if (mistake !== undefined) reader.problem(name, line === undefined ? {} : {line}, mistake.message, mistake.remedy)
  }
}

/**
 * Finds a mistake in a login to Artifact Registry, whose user name says what its password is:
 * https://cloud.google.com/artifact-registry/docs/docker/authentication. The password is not quoted.
 */
export function findKeyMistake({username, password}: GoogleLogin): Finding {
  const text = password.trim()
  const given = kindOf(text)
  if (given === 'path')
    return {
      message: 'the password is the path of a file',
      remedy:
        'Write the content of the file, as a secret: ${{ secrets.GCP_KEY }}. The file of google-github-actions/auth needs no login here: remove the user name and the password.',
    }
  const content = given === 'base64' ? decoded(text) : text
  if (parsed(content ?? '')?.['type'] === 'external_account') return workload
  const expected = username === '_json_key' ? 'json' : username === '_json_key_base64' ? 'base64' : 'token'
  if (given !== expected && given !== undefined)
    return {
      message: `the password is ${names[given]}, which ${username} does not accept`,
      remedy: `Write username: ${users[given]}.`,
    }
  if (expected === 'token') return undefined
  return expected === 'json' ? inKey(text) : inBase64(text)
}

const workload = {
  message: 'the password describes a workload identity, and cannot be used to log in',
  remedy:
    'Remove the login, and set gcp-workload-identity-provider, or keep google-github-actions/auth, whose file is used without a login.',
}

type Kind = 'json' | 'base64' | 'token' | 'path'

const names: Readonly<Record<Exclude<Kind, 'path'>, string>> = {
  json: 'plain JSON',
  base64: 'JSON in base64',
  token: 'an access token',
}

const users: Readonly<Record<Exclude<Kind, 'path'>, string>> = {
  json: '_json_key',
  base64: '_json_key_base64',
  token: 'oauth2accesstoken',
}

/** Kind of a password, by its form. Undefined for a text of no certain kind. */
function kindOf(text: string): Kind | undefined {
  if (text.startsWith('{')) return 'json'
  if (text.startsWith('ya29.')) return 'token'
  if (/^[^\s{}"]{1,1000}\.json$/.test(text)) return 'path'
  return isObject(decoded(text)) ? 'base64' : undefined
}

function isObject(text: string | undefined): boolean {
  return /^\{\s*"/.test(text ?? '')
}

function inBase64(text: string): Finding {
  const content = decoded(text)
  if (content !== undefined && isObject(content)) return inKey(content)
  return {
    message: content === undefined ? 'the password is not base64' : 'the password is base64, but not of JSON',
    remedy: 'Write the service account key in base64: base64 -w 0 key.json.',
  }
}

/** Text in base64, without whitespace around it. Undefined for a text that is not base64. */
function decoded(text: string): string | undefined {
  const compact = text.replace(/\s+/g, '')
  if (!/^[\w+/-]+={0,2}$/.test(compact)) return undefined
  try {
    return atob(compact.replaceAll('-', '+').replaceAll('_', '/')).trim()
  } catch {
    // Not a multiple of four characters.
    return undefined
  }
}

/** Mistake in the key file of a service account. */
function inKey(text: string): Finding {
  const key = parsed(text)
  if (key === undefined)
    return {
      message: 'the password is not valid JSON',
      remedy: text.includes('-----BEGIN')
        ? 'Store the key file unchanged: a line break in its private key has to be written as \\n. In registry-auth, write ${{ toJSON(secrets.NAME) }}.'
        : 'Store the whole key file as a secret.',
    }
  const {type, private_key: secret, client_email: email} = key
  if (type !== 'service_account' || typeof secret !== 'string' || typeof email !== 'string')
    return {
      message: 'the password is JSON, but no service account key',
      remedy: 'Store the whole key file, with type, client_email and private_key.',
    }
  return /^-----BEGIN [A-Z ]{1,40}-----\r?\n/.test(secret)
    ? undefined
    : {
        message: 'the private key in the password has lost its line breaks',
        remedy: 'Store the key file unchanged, with \\n in its private key.',
      }
}

function parsed(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? Object.fromEntries(Object.entries(value)) : undefined
  } catch {
    return undefined
  }
}
