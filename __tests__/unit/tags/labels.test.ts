import {describe, expect, test} from '@jest/globals'
import {pushOf} from '../../../testing/plans.ts'
import {planOf} from '../../../testing/reports.ts'

const branch = pushOf('refs/heads/feature/a&b', {commitDate: '2020-02-03T04:05:06Z'})

/** Labels without the standard ones. */
async function labelsOf(labels: string, context = branch): Promise<readonly string[]> {
  const {plan} = await planOf(context, {tags: 'x', labels})
  const own = plan.labels.filter(({key}) => !key.startsWith('org.opencontainers.'))
  return own.map(({key, value}) => `${key}=${value}`)
}

/** docker/metadata-action's README, "Global expressions": they "can also be applied to `labels` and `annotations` inputs". */
describe('expressions in labels and annotations', () => {
  test.each([
    {name: 'a branch name is not changed', labels: 'b={{branch}}', expected: ['b=feature/a&b']},
    {name: 'a key with an expression', labels: 'k.{{sha}}=v', expected: ['k.860c190=v']},
    {name: 'the key ends at the first =', labels: 'k=a=b={{sha}}', expected: ['k=a=b=860c190']},
    {name: 'an empty key is left out', labels: '{{tag}}=v\nk=v', expected: ['k=v']},
    {name: 'an empty value removes the label', labels: 'k=v\nk=', expected: []},
    {name: 'an expression that is empty leaves an empty label', labels: 'k=v\nk={{tag}}', expected: ['k=']},
    {name: 'and a block too', labels: 'k={{#if tag}}x{{/if}}', expected: ['k=']},
    {name: 'blocks work', labels: 'k={{#if tag}}release{{else}}branch{{/if}}', expected: ['k=branch']},
    {name: 'of two equal keys, the last counts', labels: 'k{{tag}}=a\nk=b', expected: ['k=b']},
    {name: 'the run number', labels: 'k={{run}}', expected: ['k=42']},
  ])('$name', async ({labels, expected}) => {
    expect(await labelsOf(labels)).toEqual(expected)
  })

  test('the example of the documentation', async () => {
    const labels = "org.opencontainers.image.created={{commit_date 'YYYY-MM-DDTHH:mm:ss.SSS[Z]'}}"
    const {plan} = await planOf(branch, {tags: 'x', labels})
    const created = plan.labels.filter(({key}) => key === 'org.opencontainers.image.created')
    expect(created.map(({value}) => value)).toEqual(['2020-02-03T04:05:06.000Z'])
  })

  test('an empty value removes a standard label, and an empty expression leaves it empty', async () => {
    const version = async (labels: string): Promise<readonly string[]> => {
      const {plan} = await planOf(branch, {tags: 'x', labels, annotations: labels})
      const found = [...plan.labels, ...plan.annotations]
      return found.filter(({key}) => key.endsWith('.version')).map(({value}) => value)
    }
    expect(await version('')).toEqual(['x', 'x'])
    expect(await version('org.opencontainers.image.version=')).toEqual([])
    expect(await version('org.opencontainers.image.version={{tag}}')).toEqual(['', ''])
  })

  test('the word none leaves only those of the user, for labels and annotations separately', async () => {
    const keysOf = async (given: Readonly<Record<string, string>>): Promise<readonly (readonly string[])[]> => {
      const {plan} = await planOf(branch, {tags: 'x', ...given})
      return [plan.labels, plan.annotations].map((items) => items.map(({key}) => key))
    }
    const [labels = [], annotations = []] = await keysOf({})
    expect(labels).toContain('org.opencontainers.image.created')
    expect(await keysOf({labels: 'none'})).toEqual([[], annotations])
    expect(await keysOf({annotations: 'none\nindex:a=1'})).toEqual([labels, ['a']])
    const title = 'org.opencontainers.image.title'
    expect(await keysOf({labels: `none\n${title}=x`, annotations: 'none'})).toEqual([[title], []])
  })

  test('different keys and values with the same joined text are not merged, and sorted as in docker/metadata-action', async () => {
    const annotations = 'manifest:a=b=c\nindex:a{{tag}}=b=c\nB=x\nc=y'
    const {plan} = await planOf(branch, {tags: 'x', annotations})
    const own = plan.annotations.filter(({key}) => !key.startsWith('org.'))
    expect(own.map(({key, value}) => `${key}:${value}`)).toEqual(['a:b=c', 'B:x', 'c:y'])
    expect(await labelsOf('c=1\nB=2\na=3')).toEqual(['a=3', 'B=2', 'c=1'])
  })

  test('annotations are the same, with their levels', async () => {
    const {plan} = await planOf(branch, {tags: 'x', annotations: 'index:k.{{sha}}={{branch}}'})
    expect(plan.annotations.filter(({key}) => key.startsWith('k'))).toEqual([
      {key: 'k.860c190', value: 'feature/a&b', levels: ['index']},
    ])
  })
})

describe('a text that cannot be an argument of the build', () => {
  test.each([
    {
      name: 'a value',
      given: {labels: `a=${'{{branch}}'.repeat(10_000)}`},
      expected: /^labels: .* a .*100 KiB/,
    },
    {
      name: 'all together',
      given: {annotations: Array.from({length: 6}, (_, index) => `a${index}=${'y'.repeat(99_000)}`).join('\n')},
      expected: /^annotations: .*512 KiB/,
    },
    {name: 'a NUL', given: {labels: 'a=b\0c'}, expected: /^labels: a .*NUL/},
  ])('is a problem before anything is built: $name', async ({given, expected}) => {
    const failure = planOf(branch, {tags: 'x', ...given})
    await expect(failure).rejects.toMatchObject({code: 'input-invalid', evidence: [expect.stringMatching(expected)]})
  })

  test('is removed from the description of the repository', async () => {
    const context = {...branch, repository: {...branch.repository, description: `a\0b${'c'.repeat(200_000)}`}}
    const {plan} = await planOf(context, {tags: 'x'})
    const value = plan.labels.find(({key}) => key.endsWith('.description'))?.value ?? ''
    expect({start: value.slice(0, 3), length: value.length}).toEqual({start: 'abc', length: 4096})
  })
})
