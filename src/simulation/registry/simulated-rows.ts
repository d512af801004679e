import type {TagboatError} from '../../errors/error.ts'
import type {Digest} from '../../oci/digest.ts'
import {formatRepository} from '../../oci/reference.ts'
import {requiredPart} from '../../plan/best-effort.ts'
import {formatDefinition, formatTagNames} from '../../plan/build-definition.ts'
import {statedRevision, type PlannedTag} from '../../plan/plan.ts'
import type {Prepared} from '../../prepare/prepare.ts'
import type {RunFacts} from '../../promote/decide/tag-decision.ts'
import {withRollBackRemedy} from '../../promote/decide/roll-back-remedy.ts'
import type {ExplainedRow} from '../../promote/explained-rows.ts'
import {explainPreview} from '../../promote/preview/explain-preview.ts'
import {previewRows} from '../../promote/preview/preview-rows.ts'
import {stateReader} from '../../promote/read-state.ts'
import {assumptionNotices, withoutAssumptions} from './assumptions.ts'
import {digestOfText} from './memory-images.ts'
import type {InventedDigests} from './invented-digests.ts'
import {memoryRegistries} from './memory-registries.ts'
import type {RegistryContents} from './registry-contents.ts'

/** Outcome that each tag would have. */
export interface SimulatedRows {
  readonly preview: readonly ExplainedRow[]
  /** Versions of the images that tags point to. */
  readonly versions: ReadonlyMap<Digest, string>
  /** Digests that no registry has. Nothing shows them. */
  readonly invented: InventedDigests
  /** Sentences on what the outcomes assume. */
  readonly notices: readonly string[]
  /** Error of a run that would be refused. */
  readonly failure: TagboatError | undefined
}

/** Reads registries, and decides about the tags of a run. */
export type ReadRegistries = (prepared: Prepared) => Promise<SimulatedRows>

/** Decides about the tags of a run, as its preflight would with these contents of the registries. */
export async function simulatedRows(prepared: Prepared, contents: RegistryContents, now: Date): Promise<SimulatedRows> {
  const {inputs, plan, context, action} = prepared
  const {policy} = inputs.publish
  const revision = statedRevision(plan) ?? (context.sha === '' ? undefined : context.sha)
  const releases = plan.tags.flatMap(({role, reference}) => (role.kind === 'release' ? [reference.tag] : []))
  const stated = {tags: formatTagNames(releases), build: ownBuild}
  const assumesCommit = policy.ifExists === 'verify' || policy.ifExists === 'skip'
  const clients = memoryRegistries(contents, {sha: revision ?? '', tags: plan.tags, stated, assumesCommit})
  const thisRun: RunFacts = {
    revision,
    commitDate: context.commitDate ?? now.toISOString(),
    runId: context.run.id === '' ? undefined : context.run.id,
    ...stated,
    digest: action === 'promote' ? promotedDigest(prepared) : undefined,
  }
  // Dates decide, since GitHub is not asked to compare commits.
  const findRelation = async (): Promise<'unknown'> => Promise.resolve('unknown')
  const reader = stateReader({policy, revision, findRelation, now: () => now})
  const judge = async (tags: readonly PlannedTag[]): ReturnType<typeof previewRows> => {
    return previewRows({tags, states: await reader.read(tags, clients), thisRun, policy, clients})
  }
  const required = await judge(requiredPart(plan).tags)
  const others = await Promise.all(
    (plan.bestEffort ?? []).map(async (repository) => {
      const name = formatRepository(repository)
      return judge(plan.tags.filter(({reference}) => formatRepository(reference.repository) === name))
    }),
  )
  const rows = [...required.rows, ...others.flatMap((one) => one.rows)]
  const explained = explainPreview(action === 'promote' ? withRollBackRemedy(rows, plan.tags) : rows)
  const preview = explained.map((row) => withoutAssumptions(row, clients))
  const invented = new Map([...clients.invented, [unnamedImage, 'the image to promote']] as const)
  const notices = required.failure === undefined ? assumptionNotices(preview, policy.ifExists) : []
  return {preview, versions: reader.versions, invented, notices, failure: required.failure}
}

/** Build definition of the run, for a comparison with images that count as published from the same inputs. */
const ownBuild = formatDefinition([['inputs', 'same']])

/** Digest of a promoted image that the inputs do not name. */
const unnamedImage = digestOfText('the image to promote')

/** Digest that a promote names, or else a stand-in for it. */
function promotedDigest({inputs}: Prepared): Digest {
  const [source] = inputs.promote.sources
  return source?.kind === 'digest' ? source.digest : unnamedImage
}
