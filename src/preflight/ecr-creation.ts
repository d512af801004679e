import type {EcrApi} from '../credentials/cloud/ecr-api.ts'
import {cloudError} from '../errors/cloud-error.ts'
import type {EcrCreate} from '../inputs/credentials/ecr-create.ts'
import {maxExclusionFilters, parseEcrHost, repositoryArn} from '../oci/ecr.ts'
import {formatRepository, type Repository} from '../oci/reference.ts'
import {matchesFilter, type FixedTags} from './fixed-tags.ts'

/** Repository to create, and the floating tags of the run, which have to move. */
interface Creation {
  readonly repository: Repository
  readonly floating: readonly string[]
  readonly create: EcrCreate
}

interface Step {
  readonly operation: string
  readonly body: object
}

/**
 * Requests that create a repository with its settings, in order:
 * https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_CreateRepository.html. A public registry has none of the
 * settings.
 */
function creationSteps({repository, floating, create}: Creation): readonly Step[] {
  const host = parseEcrHost(repository.host)
  if (host?.kind !== 'private') {
    // The first part of the name is the alias of the registry.
    return [{operation: 'CreateRepository', body: {repositoryName: repository.path.replace(/^[^/]*\//, '')}}]
  }
  // Without the account of the registry, Amazon ECR takes that of the identity.
  const named = {registryId: host.account, repositoryName: repository.path}
  const {kmsKey, lifecycle, policy} = create
  const tags = create.tags.map(({key, value}) => ({Key: key, Value: value}))
  const isMarked = tags.length === 0 || tags.some(({Key}) => Key === 'created-by')
  const settings = {
    ...named,
    ...mutabilityOf(create, floating),
    encryptionConfiguration: kmsKey === '' ? {encryptionType: 'AES256'} : {encryptionType: 'KMS', kmsKey},
    ...(tags.length > 0 && {tags: isMarked ? tags : [...tags, {Key: 'created-by', Value: 'tagboat'}]}),
  }
  return [
    {operation: 'CreateRepository', body: settings},
    ...(lifecycle === '' ? [] : [{operation: 'PutLifecyclePolicy', body: {...named, lifecyclePolicyText: lifecycle}}]),
    ...(policy === '' ? [] : [{operation: 'SetRepositoryPolicy', body: {...named, policyText: policy}}]),
  ]
}

function mutabilityOf({immutable, mutableTags}: EcrCreate, floating: readonly string[]): object {
  if (immutable !== true) return {imageTagMutability: 'MUTABLE'}
  const filters = mutableTags.length > 0 ? mutableTags : floating
  if (filters.length === 0) return {imageTagMutability: 'IMMUTABLE'}
  return {
    imageTagMutability: 'IMMUTABLE_WITH_EXCLUSION',
    imageTagMutabilityExclusionFilters: filters.map((filter) => ({filterType: 'WILDCARD', filter})),
  }
}

/**
 * Creates a repository. Another run may create it at the same time, which then has its settings.
 * @throws TagboatError `ecr-create-failed`
 */
export async function createRepository(creation: Creation, ecr: EcrApi): Promise<void> {
  const {repository, floating, create} = creation
  const name = formatRepository(repository)
  if (create.immutable === true && create.mutableTags.length === 0 && floating.length > maxExclusionFilters) {
    throw cloudError('ecr-create-failed', {
      message: `${name} was not created: more than ${maxExclusionFilters} floating tags would have to be excluded from immutability.`,
      evidence: [`floating tags: ${floating.join(', ')}`],
      remedy: `Set \`mutable-tags\` in \`ecr-create\` to at most ${maxExclusionFilters} filters, such as v*.`,
    })
  }
  const done: string[] = []
  for (const {operation, body} of creationSteps(creation)) {
    const answer = await ecr.call(operation, body)
    if (!answer.ok && answer.exception === 'RepositoryAlreadyExistsException') return
    if (!answer.ok) {
      throw cloudError('ecr-create-failed', {
        message: done.length === 0 ? `${name} was not created.` : `${name} was created, but not all of its settings.`,
        evidence: [answer.line, `${answer.exception}: ${answer.message}`],
        remedy: remedyFor(answer.exception, creation, done.length > 0),
      })
    }
    done.push(operation)
  }
}

function remedyFor(exception: string, creation: Creation, isCreated: boolean): string | undefined {
  const again = isCreated ? ' Then delete the repository, which is empty, and run the job again.' : ''
  switch (exception) {
    case 'AccessDeniedException':
      return `Allow ${actionsFor(creation).join(', ')} on ${repositoryArn(creation.repository) ?? 'the repository'} in a policy of this identity.${again}`
    case 'LimitExceededException':
      return 'Raise the service quota for repositories of the registry, or delete repositories that are not used.'
    case 'KmsException':
      return `Check \`kms-key\` in \`ecr-create\`, and allow kms:DescribeKey and kms:CreateGrant on the key.${again}`
    default:
      return isCreated ? `Correct the setting in \`ecr-create\`.${again}` : undefined
  }
}

/** IAM actions that the creation needs, and no others. */
function actionsFor({repository, create}: Creation): readonly string[] {
  if (parseEcrHost(repository.host)?.kind === 'public') return ['ecr-public:CreateRepository']
  return [
    'ecr:CreateRepository',
    'ecr:DescribeRepositories',
    ...(create.lifecycle === '' ? [] : ['ecr:PutLifecyclePolicy']),
    ...(create.policy === '' ? [] : ['ecr:SetRepositoryPolicy']),
    ...(create.tags.length === 0 ? [] : ['ecr:TagResource']),
  ]
}

/**
 * Notice that a repository was created, or would be by a real run. It names the tags that cannot move in later releases.
 */
export function creationNotice({repository, floating, create}: Creation, time: 'done' | 'dry-run'): string {
  const created = `${time === 'done' ? 'Created' : 'A real run would create'} the Amazon ECR repository ${formatRepository(repository)}.`
  if (create.immutable !== true) return created
  const {mutableTags} = create
  const filters = mutableTags.length > 0 ? mutableTags : floating
  const fixed = floating.filter((tag) => !filters.some((filter) => matchesFilter(filter, tag)))
  const except = filters.length === 0 ? '' : `, except ${filters.join(', ')}`
  const own = fixed.length === 0 ? '' : ` ${fixed.join(', ')} of this run will stay where this release puts them.`
  return `${created} Its tags cannot move${except}.${own} Floating tags of other versions cannot move either: leave them out of \`tags\`.`
}

/** Notice that an existing repository differs from the settings; undefined if it does not. It is never changed. */
export function differenceNotice(
  {repository, floating, create}: Creation,
  fixed: FixedTags | undefined,
): string | undefined {
  if (create.immutable === undefined || fixed?.kind !== 'settings') return undefined
  const wanted = mutabilityOf(create, floating)
  const mutability = 'imageTagMutability' in wanted ? String(wanted.imageTagMutability) : ''
  if (mutability === fixed.mutability) return undefined
  return `${formatRepository(repository)} is ${fixed.mutability}, but \`ecr-create\` asks for ${mutability}. An existing repository is not changed.`
}

/** Notice of a dry run that a repository does not exist. A push creates it only by a template. */
export function missingNotice(repository: Repository): string {
  return `The Amazon ECR repository ${formatRepository(repository)} does not exist. A real run fails, unless a repository creation template for CREATE_ON_PUSH covers it; with \`ecr-create: true\`, it creates the repository.`
}
