import {errorCode} from '../../errors/node-error.ts'
import {writing} from '../auth/scope.ts'
import type {HostClient} from '../host-client.ts'
import type {Started} from './upload-session.ts'

/** Cancels an upload, as best effort: registries remove uploads after some days. */
export async function cancelUpload(client: HostClient, path: string, {location}: Started): Promise<void> {
  try {
    await client.callOnce({method: 'DELETE', target: location, label: 'blobs/uploads', scopes: [writing(path)]})
  } catch (error) {
    client.retrier.signal.throwIfAborted()
    const reason = errorCode(error) ?? 'no response'
    const name = {host: client.host, subject: 'DELETE blobs/uploads', reason}
    client.retrier.activity.retry(`${client.host}: an upload could not be cancelled (${reason})`, name)
  }
}
