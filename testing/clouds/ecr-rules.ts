/** Response of the API of Amazon ECR. */
export interface EcrResponse {
  readonly status: number
  readonly body: Readonly<Record<string, unknown>>
}

/** API of Amazon ECR, by operation. */
export type EcrBackend = (operation: string, body: Readonly<Record<string, unknown>>) => Promise<EcrResponse>

interface ImageId {
  readonly imageDigest?: string
  readonly imageTag?: string
}

interface ImageDetail {
  readonly imageDigest: string
  readonly imageTags?: readonly string[]
  readonly imageStatus?: string
}

/** Limits of a request: https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_DescribeImages.html */
const limits = {ids: 100, results: 1000, defaultResults: 100}

/**
 * Adds the rules of Amazon ECR that moto lacks to an API in front of it:
 * - pages of `DescribeImages`, its limits, and its filter by status, which leaves archived images out by default
 *   (https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_DescribeImages.html);
 * - `subjectManifestDigest` (https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_ImageDetail.html);
 * - at most 100 identifiers in `BatchDeleteImage`, and its code `ImageReferencedByManifestList`, also for the last tag of
 *   an image (https://github.com/aws/containers-roadmap/issues/1567,
 *   https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_ImageFailure.html). An identifier is a tag or a digest:
 *   what Amazon ECR does with both is not documented, and moto deletes all tags. So both are refused.
 */
export function withEcrRules(backend: EcrBackend, rules: EcrRules = {}): EcrBackend {
  const known = new Map<string, StoredManifest>()
  const manifests = async (named: object): Promise<ReadonlyMap<string, StoredManifest>> =>
    manifestsOf(backend, named, known)
  return async (operation, body) => {
    const {imageIds, ...rest} = body
    const ids = imageIds as readonly ImageId[] | undefined
    if (ids !== undefined && (ids.length === 0 || ids.length > limits.ids)) return invalid('imageIds')
    if (operation === 'BatchDeleteImage')
      return remove(backend, {named: rest, ids: ids ?? [], manifests: await manifests(rest)})
    if (operation !== 'DescribeImages') return backend(operation, body)
    const {maxResults, nextToken, filter, ...named} = rest
    const shown = async (response: EcrResponse): Promise<readonly ImageDetail[]> =>
      withStatus(detailsIn(response), await manifests(named), rules)
    if (ids !== undefined) {
      if ((maxResults ?? nextToken) !== undefined) return invalid('nextToken')
      const response = await backend('DescribeImages', {...named, imageIds: ids})
      return response.status === 200 ? {status: 200, body: {imageDetails: await shown(response)}} : response
    }
    const page = pageOf(maxResults, nextToken)
    if (page.size < 1 || page.size > limits.results) return invalid('maxResults')
    const response = await backend('DescribeImages', named)
    return response.status === 200 ? pageIn(await shown(response), {...page, filter}, rules) : response
  }
}

interface Page {
  readonly size: number
  readonly start: number
}

function pageIn(
  details: readonly ImageDetail[],
  {size, start, filter}: Page & {readonly filter: unknown},
  {maxPage = limits.results}: EcrRules,
): EcrResponse {
  const {imageStatus = 'ACTIVE'} = (filter ?? {}) as {readonly imageStatus?: string}
  const found = details.filter((detail) => imageStatus === 'ANY' || detail.imageStatus === imageStatus)
  const end = start + Math.min(size, maxPage)
  const next = end < found.length ? {nextToken: `page-from-${end}`} : {}
  return {status: 200, body: {imageDetails: found.slice(start, end), ...next}}
}

function pageOf(maxResults: unknown, token: unknown): Page {
  const start = typeof token === 'string' ? Number(token.replace('page-from-', '')) : 0
  return {size: Number(maxResults ?? limits.defaultResults), start}
}

function withStatus(
  details: readonly ImageDetail[],
  manifests: ReadonlyMap<string, StoredManifest>,
  {archived}: EcrRules,
): readonly ImageDetail[] {
  return details.map((detail) => ({
    ...detail,
    imageStatus: archived?.has(detail.imageDigest) === true ? 'ARCHIVED' : 'ACTIVE',
    subjectManifestDigest: manifests.get(detail.imageDigest)?.subject?.digest,
  }))
}

interface EcrRules {
  /** Digests of the images in the archive. */
  readonly archived?: ReadonlySet<string>
  /** Number of images of a page, whatever a request allows. */
  readonly maxPage?: number
}

function invalid(parameter: string): EcrResponse {
  const message = `Invalid parameter at '${parameter}' failed to satisfy constraint`
  return {status: 400, body: {__type: 'InvalidParameterException', message}}
}

interface Removal {
  readonly named: object
  readonly ids: readonly ImageId[]
  readonly manifests: ReadonlyMap<string, StoredManifest>
}

async function remove(backend: EcrBackend, {named, ids, manifests}: Removal): Promise<EcrResponse> {
  if (ids.some(({imageDigest, imageTag}) => imageDigest !== undefined && imageTag !== undefined))
    return invalid('imageIds')
  const details = detailsIn(await backend('DescribeImages', {...named}))
  const children = new Set([...manifests.values()].flatMap((one) => one.manifests ?? []).map(({digest}) => digest))
  const refusals = ids.map((id) => refusalOf(id, details, children))
  const accepted = ids.filter((_, index) => refusals[index] === undefined)
  const response: EcrResponse =
    accepted.length === 0 ? {status: 200, body: {}} : await backend('BatchDeleteImage', {...named, imageIds: accepted})
  if (response.status !== 200) return response
  const failed = listIn(response, 'failures') as readonly {readonly imageId: ImageId}[]
  const deleted = listIn(response, 'imageIds') as readonly ImageId[]
  // moto does not name an image without a tag.
  const unnamed = accepted.filter(
    ({imageDigest}) =>
      imageDigest !== undefined &&
      ![...deleted, ...failed.map((one) => one.imageId)].some((one) => one.imageDigest === imageDigest),
  )
  const refused = ids.flatMap((imageId, index) => {
    const failureCode = refusals[index]
    return failureCode === undefined ? [] : [{imageId, failureCode, failureReason: `refused: ${failureCode}`}]
  })
  return {status: 200, body: {imageIds: [...deleted, ...unnamed], failures: [...failed, ...refused]}}
}

/** Failure code for an identifier that Amazon ECR refuses and moto does not. */
function refusalOf(
  {imageDigest, imageTag}: ImageId,
  details: readonly ImageDetail[],
  children: ReadonlySet<string>,
): string | undefined {
  const byTag = details.find(({imageTags = []}) => imageTag !== undefined && imageTags.includes(imageTag))
  const doomed = imageDigest ?? (byTag?.imageTags?.length === 1 ? byTag.imageDigest : undefined)
  return doomed !== undefined && children.has(doomed) ? 'ImageReferencedByManifestList' : undefined
}

interface StoredManifest {
  readonly manifests?: readonly {readonly digest: string}[]
  readonly subject?: {readonly digest: string}
}

/** Manifests of all images. `known` keeps those that were read before. */
async function manifestsOf(
  backend: EcrBackend,
  named: object,
  known: Map<string, StoredManifest>,
): Promise<ReadonlyMap<string, StoredManifest>> {
  const digests = detailsIn(await backend('DescribeImages', {...named})).map(({imageDigest}) => imageDigest)
  const unread = digests.filter((digest) => !known.has(digest))
  for (let start = 0; start < unread.length; start += limits.ids) {
    const imageIds = unread.slice(start, start + limits.ids).map((imageDigest) => ({imageDigest}))
    const images = listIn(await backend('BatchGetImage', {...named, imageIds}), 'images') as readonly {
      readonly imageId: ImageId
      readonly imageManifest: string
    }[]
    for (const {imageId, imageManifest} of images)
      known.set(imageId.imageDigest ?? '', JSON.parse(imageManifest) as StoredManifest)
  }
  return new Map(
    digests.flatMap((digest) => {
      const manifest = known.get(digest)
      return manifest === undefined ? [] : [[digest, manifest]]
    }),
  )
}

function detailsIn(response: EcrResponse): readonly ImageDetail[] {
  return listIn(response, 'imageDetails') as readonly ImageDetail[]
}

function listIn({body}: EcrResponse, name: string): readonly unknown[] {
  const list = body[name]
  return Array.isArray(list) ? list : []
}
