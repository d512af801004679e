import {parseRepository} from '../../oci/reference.ts'
import {taggedDigests} from '../../promote/published-digests.ts'
import {details, fence} from './markdown.ts'
import {planForLaterSteps, withoutUnpublished, type Report} from '../report.ts'

/**
 * Reference to deploy, by digest, with the lines of Compose and Kubernetes in a fold. Empty for a run that failed,
 * for a withdrawn version, and if no tag points to the image. A stage is not deployed, but promoted.
 */
export function deploySnippet(all: Report): readonly string[] {
  const {staged, failure, action, withdrawn} = all
  if (staged === undefined || failure !== undefined) return []
  if (withdrawn !== undefined && action !== 'stage') return []
  const report = withoutUnpublished(all)
  const plan = planForLaterSteps(report.plan)
  const references = [...taggedDigests({...report, plan}, staged.digest)].map(([name, digest]) => `${name}@${digest}`)
  const [first, ...others] = references
  if (first === undefined) return []
  if (action === 'stage') return [fence(references.join('\n'))]
  const title = others.length > 0 ? 'Compose, Kubernetes, other registries' : 'Compose, Kubernetes'
  const version = plan.version === undefined ? '' : ` # ${plan.version}`
  return [fence(first), details(title, [...manifests(first, version), ...otherReferences(others)].join('\n\n'))]
}

function manifests(reference: string, version: string): readonly string[] {
  const parsed = parseRepository(reference.split('@', 1).join(''))
  const service = (parsed.ok ? parsed.value.path.split('/').at(-1) : undefined) ?? 'app'
  const image = `image: ${reference}${version}`
  return [
    fence(`# compose.yaml\nservices:\n  ${service}:\n    ${image}`, 'yaml'),
    fence(`# Pod\ncontainers:\n  - name: ${service.replace(/[^a-z0-9]+/g, '-')}\n    ${image}`, 'yaml'),
  ]
}

function otherReferences(references: readonly string[]): readonly string[] {
  return references.length === 0 ? [] : [fence(references.join('\n'))]
}
