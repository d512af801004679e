import {TagboatError} from '../errors/error.ts'
import {errorCode} from '../errors/node-error.ts'

/** What a registry names another address for. */
export type AddressUse = 'uploads' | 'downloads' | 'tokens'

/** An address that the registry named, and that gave no response: the registry itself may be fine. */
export class NamedAddressError extends Error {
  readonly url: URL
  readonly use: AddressUse
  /** As the cause has it, by which it is judged whether another try may help. */
  readonly code: string | undefined
  readonly statusCode: unknown

  constructor(url: URL, use: AddressUse, cause: unknown) {
    super(cause instanceof Error ? cause.message : String(cause), {cause})
    this.url = url
    this.use = use
    this.code = errorCode(cause)
    this.statusCode = cause instanceof Error && 'statusCode' in cause ? cause.statusCode : undefined
  }
}

/** Names the address where what is sent there gets no response. */
export async function atNamedAddress<T>(url: URL, use: AddressUse, send: () => Promise<T>): Promise<T> {
  try {
    return await send()
  } catch (error) {
    // What is wrong with the content that is sent has nothing to do with the address.
    if (error instanceof NamedAddressError || error instanceof TagboatError) throw error
    throw new NamedAddressError(url, use, error)
  }
}
