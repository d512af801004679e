import type {HostClient} from '../host-client.ts'
import {pushChecks} from '../vendors/push-checks.ts'
import {startedUpload, startRequest, type Started} from './upload-session.ts'

/** Uploads to a repository that were started before their blobs were known. */
export class SpareUploads {
  readonly #client: HostClient
  readonly #path: string
  readonly #started: Promise<Started | undefined>[] = []

  constructor(client: HostClient, path: string) {
    this.#client = client
    this.#path = path
  }

  /** Starts uploads, with one request each. What fails is repeated by the upload that needs it, which reports the failure. */
  begin(count: number): void {
    for (let index = 0; index < count; index += 1) this.#started.push(this.#start().catch(() => undefined))
  }

  /** Returns an upload, once; undefined if there is none. */
  async take(): Promise<Started | undefined> {
    return this.#started.shift()
  }

  /** Cancels the uploads that were not used. Never rejects. */
  async end(): Promise<void> {
    const unused = this.#started.splice(0)
    if (unused.length === 0) return
    const {cancelUpload} = await import('./cancel-upload.ts')
    const cancel = async (one: Started | undefined): Promise<void> =>
      one && cancelUpload(this.#client, this.#path, one).catch(() => undefined)
    await Promise.all(unused.map(async (one) => cancel(await one)))
  }

  async #start(): Promise<Started | undefined> {
    const {host} = this.#client
    const {challenge} = await this.#client.endpoint()
    // A request for the right to push would create the repository.
    if (pushChecks({host, challenge}).upload === 'before-push') return undefined
    const response = await this.#client.callOnce(startRequest(this.#path))
    return response.status === 202 ? startedUpload(response) : undefined
  }
}
