import {AwsV4Signer} from 'aws4fetch'
import type {Secret} from '../../errors/secret.ts'
import type {HttpRequest} from '../../io/http.ts'

/** Keys of an AWS principal. */
export interface AwsKeys {
  readonly accessKeyId: string
  readonly secretAccessKey: Secret
  /** Token of a session; a user has none. */
  readonly sessionToken: Secret | undefined
}

/** Request of the JSON protocol of AWS: https://smithy.io/2.0/aws/protocols/aws-json-1_1-protocol.html */
interface AwsRequest {
  readonly endpoint: URL
  readonly region: string
  /** `ecr` or `ecr-public`. */
  readonly service: string
  /** `AmazonEC2ContainerRegistry_V20150921.GetAuthorizationToken` */
  readonly target: string
  readonly body: object
  readonly now: Date
}

/** Signs a request: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv.html */
export async function signed(
  {endpoint, region, service, target, body, now}: AwsRequest,
  {accessKeyId, secretAccessKey, sessionToken}: AwsKeys,
): Promise<Pick<HttpRequest, 'method' | 'url' | 'headers' | 'body'>> {
  const text = JSON.stringify(body)
  const signer = new AwsV4Signer({
    method: 'POST',
    url: new URL('/', endpoint).href,
    headers: {'content-type': 'application/x-amz-json-1.1', 'x-amz-target': target},
    body: text,
    accessKeyId,
    secretAccessKey: secretAccessKey.reveal(),
    ...(sessionToken !== undefined && {sessionToken: sessionToken.reveal()}),
    service,
    region,
    datetime: now.toISOString().replace(/[:-]|\.\d{3}/g, ''),
    allHeaders: true,
  })
  const {url, headers} = await signer.sign()
  return {method: 'POST', url, headers: Object.fromEntries(headers), body: Buffer.from(text)}
}
