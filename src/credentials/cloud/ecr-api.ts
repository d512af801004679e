import {field, parseJson} from '../../oci/manifest.ts'
import type {AmazonTokens, EcrRequest} from './aws.ts'
import {signed} from './aws-signature.ts'
import {askTokenService, statusLine, type TokenServiceIo} from './token-service.ts'

/** Response of the API of Amazon ECR: the value, or the exception. */
type EcrAnswer =
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
  /** Sends a request. @throws TagboatError if the principal is refused, or if there is no response. */
  call(operation: string, body: object): Promise<EcrAnswer>
}

/**
 * Opens the API of a registry: https://docs.aws.amazon.com/AmazonECR/latest/APIReference/ and
 * https://docs.aws.amazon.com/AmazonECRPublic/latest/APIReference/. Nothing is requested yet.
 */
export function ecrApi(request: EcrRequest, tokens: AmazonTokens, io: TokenServiceIo): EcrApi {
  return {
    async call(operation, body) {
      const {isPublic, endpoints, keys} = await tokens.access(request)
      const sent = await signed(
        {
          endpoint: endpoints.ecr,
          region: endpoints.region,
          service: isPublic ? 'ecr-public' : 'ecr',
          target: `${isPublic ? 'SpencerFrontendService' : 'AmazonEC2ContainerRegistry_V20150921'}.${operation}`,
          body,
          now: io.retrier.timer.now(),
        },
        keys,
      )
      const response = await askTokenService({...sent, name: operation, unreachable: 'aws-failed'}, io)
      const value = parseJson(response.body)
      if (response.status === 200) return {ok: true, value}
      const [exception, message] = [textOf(value, ['__type']), textOf(value, ['message', 'Message'])]
      const {hide} = io.secrets
      // `com.amazonaws.ecr#LimitExceededException`
      const name = hide(exception.slice(exception.lastIndexOf('#') + 1))
      return {ok: false, exception: name, message: hide(message), line: `${operation}: ${statusLine(sent, response)}`}
    },
  }
}

function textOf(value: unknown, names: readonly string[]): string {
  const found = names.map((name) => field(value, name)).find((one) => typeof one === 'string')
  return typeof found === 'string' ? found : ''
}
