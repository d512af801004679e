import {describe, expect, test} from '@jest/globals'
import {tagKind} from '../../src/tags/tag-role.ts'
import {formatRepository} from '../../src/oci/reference.ts'
import {hostileName} from '../../testing/hostile.ts'
import {propose, pushOf} from '../../testing/plans.ts'
import {planOf} from '../../testing/reports.ts'
import fc from '../../testing/properties.ts'
import {times} from '../../testing/rounds.ts'

const names = ['user/app', 'ghcr.io/o/app', 'quay.io/team/app', 'localhost:5000/a/b', 'user/other', 'alpine'] as const
const images = fc.shuffledSubarray([...names], {minLength: 1})
const tags = fc.shuffledSubarray(
  ['type=semver,pattern={{version}}', 'type=ref,event=branch', 'type=ref,event=tag', 'type=sha', 'edge', 'a,b'],
  {minLength: 1},
)
const context = fc
  .constantFrom('refs/heads/main', 'refs/heads/feature/a', 'refs/tags/v1.2.3', 'refs/tags/v2.0.0-rc.1')
  .map((ref) => pushOf(ref))
const settings = fc.constantFrom<Readonly<Record<string, string>>>(
  {},
  {environment: 'staging'},
  {variant: 'alpine', 'default-variant': 'true'},
  {flavor: 'latest=true\nprefix=p-,onlatest=true'},
)

const step = fc.record({rules: tags, event: context, inputs: settings})

/** Tags of each image in order, with their kinds. */
async function tagsByImage(
  inputs: Readonly<Record<string, string>>,
  event: ReturnType<typeof pushOf>,
): Promise<ReadonlyMap<string, readonly string[]>> {
  const {plan} = await planOf(event, {...inputs, push: 'false'})
  const found = new Map<string, string[]>()
  for (const {reference, role} of plan.tags) {
    const name = formatRepository(reference.repository)
    found.set(name, [...(found.get(name) ?? []), `${reference.tag} (${tagKind(role)})`])
  }
  return found
}

describe('images', () => {
  test('have tags that do not depend on other images or their order', async () => {
    await fc.assert(
      fc.asyncProperty(images, images, step, async (some, others, {rules, event, inputs}) => {
        const together = {...inputs, tags: rules.join('\n')}
        const first = await tagsByImage({...together, images: some.join('\n')}, event)
        const second = await tagsByImage({...together, images: others.join(',')}, event)
        const [one] = first.values()
        for (const name of some) {
          expect(first.get(name)).toEqual(one)
          if (others.includes(name)) expect(second.get(name)).toEqual(one)
        }
      }),
      {numRuns: times(200)},
    )
  })
})

describe('unique branch tags', () => {
  /** Names with equal or similar tags, which only the hash distinguishes. */
  const alike = fc
    .array(fc.constantFrom('a', 'b', '/', '-', '.', '_', '&', 'é', '日', 'x'.repeat(60)), {minLength: 1, maxLength: 8})
    .map((parts) => parts.join(''))
  const anyName = fc.oneof(alike, alike, hostileName)

  test('differ for different branches', () => {
    fc.assert(
      fc.property(anyName, anyName, fc.integer({min: 16, max: 128}), (one, other, maxTagLength) => {
        fc.pre(one !== other)
        const [first, second] = [one, other].map(
          (name) =>
            propose(pushOf(`refs/heads/${name}`), ['type=ref,event=branch'], {uniqueBranchTags: true, maxTagLength})
              .names,
        )
        expect(first).toHaveLength(1)
        expect(second).not.toEqual(first)
      }),
      {numRuns: times(200)},
    )
  })
})
