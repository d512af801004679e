import {Agent, request} from 'node:https'

/** Object of the API, such as a pod. Its fields are not checked. */
export interface KubeObject {
  readonly metadata: {
    readonly name: string
    readonly namespace?: string
    readonly uid?: string
    readonly labels?: Readonly<Record<string, string>>
    readonly deletionTimestamp?: string
  }
}

/** Client of the Kubernetes API with the rights of one token. */
export interface KubeApi {
  /** @throws Error with the message of the server if it answers with another status than 2xx. */
  readonly call: (method: Method, path: string, body?: unknown) => Promise<unknown>
  /** Lists objects. */
  readonly list: <T extends KubeObject>(path: string) => Promise<readonly T[]>
}

/** `PATCH` is a strategic merge patch. */
type Method = 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE'

export interface KubeAccess {
  readonly host: string
  readonly port: number
  readonly ca: Buffer
  readonly token: string
}

export function kubeApi({host, port, ca, token}: KubeAccess): KubeApi {
  const agent = new Agent({keepAlive: true, ca})
  const call: KubeApi['call'] = async (method, path, body) =>
    new Promise((resolve, reject) => {
      const text = body === undefined ? '' : JSON.stringify(body)
      const headers = {
        Authorization: `Bearer ${token}`,
        Accept: 'application/json',
        'Content-Type': method === 'PATCH' ? 'application/strategic-merge-patch+json' : 'application/json',
        // Node.js sends none for DELETE.
        'Content-Length': Buffer.byteLength(text),
      }
      const call = request({host, port, agent, method, path, headers}, (response) => {
        const chunks: Buffer[] = []
        response.on('data', (chunk: Buffer) => chunks.push(chunk))
        response.on('error', reject)
        response.on('end', () => {
          const answer = Buffer.concat(chunks).toString()
          const status = response.statusCode ?? 0
          if (status >= 200 && status < 300) resolve(JSON.parse(answer))
          else reject(new KubeError(status, `${method} ${path}: ${status} ${answer}`))
        })
      })
      call.on('error', reject)
      call.end(text)
    })
  return {
    call,
    list: async <T extends KubeObject>(path: string) =>
      ((await call('GET', path)) as {readonly items: readonly T[]}).items,
  }
}

export class KubeError extends Error {
  readonly status: number
  constructor(status: number, message: string) {
    super(message)
    this.status = status
  }
}
