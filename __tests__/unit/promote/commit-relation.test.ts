import {describe, expect, test} from '@jest/globals'
import {relationFinder} from '../../../src/promote/commit-relation.ts'
import {fakeIo, scriptedGitHub, type FakeIo} from '../../../testing/fake-io.ts'
import {planOf} from '../../../testing/reports.ts'

const [base, head] = ['a'.repeat(40), 'b'.repeat(40)]

interface Comparison {
  readonly relation: string
  /** `token url owner/name base...head` */
  readonly requests: readonly string[]
  readonly io: FakeIo
}

async function compare(answer: string | Error, token = 'job-token', revision = base): Promise<Comparison> {
  const requests: string[] = []
  const io = fakeIo({
    gitHub: (secret, url) =>
      scriptedGitHub({
        compare: async (owner, name, {base, head}) => {
          requests.push(`${secret.reveal()} ${url} ${owner}/${name} ${base}...${head}`)
          return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer)
        },
      }),
  })
  const planned = await planOf('push-default-branch', {images: 'user/app', 'github-token': token})
  const relation = await relationFinder({...planned, notices: []}, io)(revision, head)
  return {relation, requests, io}
}

describe('the relation of two commits', () => {
  test.each(['ahead', 'behind', 'identical', 'diverged'])('is the status of GitHub: %s', async (status) => {
    const {relation, requests} = await compare(status)
    expect(relation).toBe(status)
    const [request = ''] = requests
    expect(request).toMatch(/^job-token https:\/\/api\.github\.com \S+\/\S+ /)
    expect(request.endsWith(` ${base}...${head}`)).toBe(true)
  })

  test.each([
    {name: 'a response', fails: false, expected: 'ahead', repeated: 2},
    {name: 'a failure only while it is pending', fails: true, expected: 'unknown', repeated: 3},
  ])('keeps $name', async ({fails, expected, repeated}) => {
    let requests = 0
    const io = fakeIo({
      gitHub: () =>
        scriptedGitHub({
          compare: async () => {
            requests += 1
            return fails ? Promise.reject(new Error('no answer')) : Promise.resolve('ahead')
          },
        }),
    })
    const planned = await planOf('push-default-branch', {images: 'user/app', 'github-token': 'job-token'})
    const find = relationFinder({...planned, notices: []}, io)
    expect(await Promise.all([find(base, head), find(base, head), find(head, base)])).toEqual(
      Array.from({length: 3}, () => expected),
    )
    expect(requests).toBe(2)
    expect(await find(base, head)).toBe(expected)
    expect([requests, io.workflow.log.length]).toEqual([repeated, fails ? repeated : 0])
  })

  test('is unknown if GitHub returns another status', async () => {
    const {relation, io} = await compare('sideways')
    expect(relation).toBe('unknown')
    expect(io.workflow.log).toEqual([])
  })

  test('is unknown without a token, without a request', async () => {
    const {relation, requests} = await compare('ahead', '')
    expect(relation).toBe('unknown')
    expect(requests).toEqual([])
  })

  test.each(['\n::error::x', '##[add-mask]a', '../../../user', 'v1', `${base}/..`, ''])(
    'is unknown for a text that is not a commit, without a request or a log line: %j',
    async (revision) => {
      const {relation, requests, io} = await compare('ahead', 'job-token', revision)
      expect(relation).toBe('unknown')
      expect(requests).toEqual([])
      expect(io.workflow.log).toEqual([])
    },
  )

  test('is unknown if GitHub does not respond, and the log has the reason', async () => {
    const {relation, io} = await compare(new Error('Not Found'))
    expect(relation).toBe('unknown')
    expect(io.workflow.log).toEqual([
      'info: GitHub did not compare aaaaaaaaaaaa with bbbbbbbbbbbb (Not Found): their dates are compared instead',
    ])
  })
})
