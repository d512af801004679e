import {errorMessage, TagboatError} from '../errors/error.ts'
import {errorCode} from '../errors/node-error.ts'

/** Use of another address that a registry names. */
type AddressUse = 'uploads' | 'downloads' | 'tokens'

/** Failure of an address that the registry named. The registry itself may work. */
export class NamedAddressError extends Error {
  readonly url: URL
  readonly use: AddressUse
  /** Code of the cause, which determines whether the request is retried. */
  readonly code: string | undefined
  readonly statusCode: unknown

  constructor(url: URL, use: AddressUse, cause: unknown) {
    super(errorMessage(cause), {cause})
    this.url = url
    this.use = use
    this.code = errorCode(cause)
    this.statusCode = cause instanceof Error && 'statusCode' in cause ? cause.statusCode : undefined
  }
}

/** Sends a request to a named address, and converts a failure to NamedAddressError. */
export async function atNamedAddress<T>(url: URL, use: AddressUse, send: () => Promise<T>): Promise<T> {
  try {
    return await send()
  } catch (error) {
    // Errors of the content are not about the address.
    if (error instanceof NamedAddressError || error instanceof TagboatError) throw error
    throw new NamedAddressError(url, use, error)
  }
}
