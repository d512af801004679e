import {parseJson} from '../../oci/manifest.ts'
import {callEcr, type AmazonTokens, type EcrRequest} from './aws.ts'
import {errorsIn, statusLine, type TokenServiceIo} from './token-service.ts'

/** Response of the API of Amazon ECR: the value, or the exception. */
export type EcrAnswer =
  | {readonly ok: true; readonly value: unknown}
  | {
      readonly ok: false
      /** `RepositoryNotFoundException` */
      readonly exception: string
      readonly message: string
      /** Line with the request and the status. */
      readonly line: string
    }

/** API of Amazon ECR with the principal of this run. */
export interface EcrApi {
  /** Sends a request. @throws TagboatError if AWS refuses the identity or does not respond. */
  call(operation: string, body: object): Promise<EcrAnswer>
}

/**
 * Opens the API of a registry: https://docs.aws.amazon.com/AmazonECR/latest/APIReference/ and
 * https://docs.aws.amazon.com/AmazonECRPublic/latest/APIReference/. Nothing is requested yet.
 */
export function ecrApi(request: EcrRequest, tokens: AmazonTokens, io: TokenServiceIo): EcrApi {
  return {
    async call(operation, body) {
      const access = await tokens.access(request)
      const {request: sent, response} = await callEcr(operation, body, {access, io})
      if (response.status === 200) return {ok: true, value: parseJson(response.body)}
      const {written, message} = errorsIn(response, io)[0] ?? {written: '', message: ''}
      // `com.amazonaws.ecr#LimitExceededException`
      const exception = written.slice(written.lastIndexOf('#') + 1)
      return {ok: false, exception, message, line: `${operation}: ${statusLine(sent, response)}`}
    },
  }
}
