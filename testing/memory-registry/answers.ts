import type {Answer} from './types.ts'

/** Messages by error code of the distribution spec: https://github.com/opencontainers/distribution-spec/blob/main/spec.md#error-codes */
const messages = {
  BLOB_UNKNOWN: 'blob unknown to registry',
  BLOB_UPLOAD_INVALID: 'blob upload invalid',
  BLOB_UPLOAD_UNKNOWN: 'blob upload unknown to registry',
  DIGEST_INVALID: 'provided digest did not match uploaded content',
  MANIFEST_BLOB_UNKNOWN: 'blob unknown to registry',
  MANIFEST_INVALID: 'manifest invalid',
  MANIFEST_UNKNOWN: 'manifest unknown',
  NAME_UNKNOWN: 'repository name not known to registry',
  PAGINATION_NUMBER_INVALID: 'invalid number of results requested',
  SIZE_INVALID: 'provided length did not match content length',
  TAG_INVALID: 'manifest tag did not match URI',
  UNAUTHORIZED: 'authentication required',
  DENIED: 'requested access to the resource is denied',
  UNSUPPORTED: 'The operation is unsupported.',
} as const

type Code = keyof typeof messages

export interface RegistryProblem {
  readonly code: Code
  /** Default: the message of the code. */
  readonly message?: string
  readonly detail?: unknown
}

export function answer(status: number, headers: Readonly<Record<string, string>> = {}, body?: string | Buffer): Answer {
  const bytes = Buffer.from(body ?? '')
  return {
    status,
    headers: {
      'docker-distribution-api-version': 'registry/2.0',
      ...(status === 204 ? {} : {'content-length': String(bytes.length)}),
      ...headers,
    },
    body: bytes,
  }
}

export function json(status: number, value: unknown, headers: Readonly<Record<string, string>> = {}): Answer {
  return answer(status, {'content-type': 'application/json; charset=utf-8', ...headers}, `${JSON.stringify(value)}\n`)
}

export function problem(status: number, code: Code, message?: string): Answer {
  return problems(status, [{code, ...(message !== undefined && {message})}])
}

export function problems(status: number, found: readonly RegistryProblem[]): Answer {
  return json(status, {
    errors: found.map(({code, message, detail}) => ({
      code,
      message: message ?? messages[code],
      detail: detail ?? null,
    })),
  })
}

/** Answer of Go's HTTP router to an unknown path. */
export function noSuchPath(): Answer {
  return answer(404, {'content-type': 'text/plain; charset=utf-8'}, '404 page not found\n')
}
