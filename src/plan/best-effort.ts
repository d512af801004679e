import type {ImageInput} from '../inputs/inputs.ts'
import type {Problems} from '../inputs/problem.ts'
import {isSameRepository, type Repository} from '../oci/reference.ts'
import type {Plan} from './plan.ts'

/** Reports an input whose images are all optional: then nothing could be published, and the run would still succeed. */
export function requireOneImage(images: readonly ImageInput[], problems: Problems): void {
  const line = images.find(({isBestEffort}) => isBestEffort)?.line
  problems.add({
    input: 'images',
    ...(line !== undefined && {line}),
    message: 'no image is required: each one has required=false',
    remedy: 'Remove required=false from the image that every run must publish.',
  })
}

/** Plan without the repositories that are not required, and without their tags. */
export function requiredPart<T extends Pick<Plan, 'tags' | 'bestEffort'>>(plan: T): T {
  if (plan.bestEffort === undefined) return plan
  return {...plan, tags: plan.tags.filter(({reference}) => !isBestEffort(plan, reference.repository))}
}

/** Reports whether a failure to publish to this repository is a warning. */
export function isBestEffort({bestEffort = []}: Pick<Plan, 'bestEffort'>, repository: Repository): boolean {
  return bestEffort.some((one) => isSameRepository(one, repository))
}
