import {expect, test} from '@jest/globals'
import {boundedRegex} from '../../../../src/io/bounded-regex.ts'
import {decideRetention, type Retention} from '../../../../src/retention/decide/decide.ts'
import {exceedsCpuTime} from '../../../../testing/cpu-time.ts'
import {testPlanner} from '../../../../testing/planner.ts'
import {daysAgo, now, pruneInputs} from '../../../../testing/retention-policy.ts'
import {named, testContent, type TestManifest} from '../../../../testing/retention.ts'

/** Images with two platforms each: versions, commits, pull requests, branches and caches. */
function largeRepository(): Parameters<typeof testContent>[0] {
  const tags: Record<string, string> = {}
  const manifests: Record<string, TestManifest> = {}
  const pushedAt: Record<string, Date> = {}
  const add = (tag: string, facts: object): void => {
    tags[tag] = tag
    manifests[tag] = {children: [`${tag}/amd64`, `${tag}/arm64`], facts}
    for (const platform of ['amd64', 'arm64']) manifests[`${tag}/${platform}`] = {}
    pushedAt[tag] = daysAgo(Object.keys(tags).length % 400)
  }
  for (let index = 0; index < 500; index += 1) {
    const revision = named(`commit ${index}`).slice('sha256:'.length, 47)
    add(`1.${index >> 4}.${index & 15}`, {revision, ref: `refs/tags/v1.${index >> 4}.${index & 15}`})
    add(`sha-${revision.slice(0, 7)}`, {revision, ref: 'refs/heads/main'})
    add(`pr-${index + 1}`, {revision, ref: `refs/pull/${index + 1}/merge`})
    if (index < 300) add(`feature-${index}`, {revision, ref: `refs/heads/feature/${index}`})
    if (index < 200) add(`buildcache-feature-${index}-amd64-1a2b3c4`, {})
  }
  return {tags, manifests, pushedAt}
}

test('2,000 tags and 6,000 manifests are decided about in a moment', async () => {
  const content = testContent(largeRepository())
  expect([content.tags.size, content.manifests.size]).toEqual([2000, 6000])
  const branches = ['main', ...Array.from({length: 300}, (_, index) => `feature/${index * 2}`)]
  const policy = ['pr,gone=true', 'branch,gone=true', 'cache,gone=true', 'release,keep=2,per=minor']
  const inputs = pruneInputs({
    policy: [...policy.map((line) => `type=${line}`), 'type=match,regex=(?:sha|pr)-.*,older-than=300d'].join('\n'),
    'exclude-tags': '*7',
  })
  const results: Retention[] = []
  const planners = [await testPlanner(), await testPlanner(), await testPlanner()]
  const isSlow = exceedsCpuTime(2000, () => {
    const planner = planners[results.length] ?? (() => [])
    const refs = {defaultBranch: 'main', branches: new Set(branches), openPulls: new Set<number>()}
    const request = {content, inputs, planner, refs, now, component: undefined, source: undefined}
    results.push(decideRetention({...request, deployed: new Set(), regex: boundedRegex()}))
  })
  expect(isSlow).toBe(false)
  const deleted = results[0]?.decisions.filter(({verdict}) => verdict === 'delete') ?? []
  expect(deleted.length).toBeGreaterThan(1000)
})
