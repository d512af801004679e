import {describe, expect, test} from '@jest/globals'
import {relationFinder} from '../../../src/promote/commit-relation.ts'
import {fakeIo, scriptedGitHub, type FakeIo} from '../../../testing/fake-io.ts'
import {planOf} from '../../../testing/reports.ts'

const [held, ours] = ['a'.repeat(40), 'b'.repeat(40)]

interface Asked {
  readonly relation: string
  /** `token url owner/name base...head` */
  readonly questions: readonly string[]
  readonly io: FakeIo
}

async function ask(answer: string | Error, token = 'job-token', base = held): Promise<Asked> {
  const questions: string[] = []
  const io = fakeIo({
    gitHub: (secret, url) =>
      scriptedGitHub({
        compare: async (owner, name, {base, head}) => {
          questions.push(`${secret.reveal()} ${url} ${owner}/${name} ${base}...${head}`)
          return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer)
        },
      }),
  })
  const planned = await planOf('push-default-branch', {images: 'user/app', 'github-token': token})
  const relation = await relationFinder({...planned, notices: []}, io)(base, ours)
  return {relation, questions, io}
}

describe('where our commit lies', () => {
  test.each(['ahead', 'behind', 'identical', 'diverged'])('is what GitHub says: %s', async (status) => {
    const {relation, questions} = await ask(status)
    expect(relation).toBe(status)
    const [question = ''] = questions
    expect(question).toMatch(/^job-token https:\/\/api\.github\.com \S+\/\S+ /)
    expect(question.endsWith(` ${held}...${ours}`)).toBe(true)
  })

  test('is unknown when GitHub says something else', async () => {
    const {relation, io} = await ask('sideways')
    expect(relation).toBe('unknown')
    expect(io.workflow.log).toEqual([])
  })

  test('is unknown without a token, and nobody is asked', async () => {
    const {relation, questions} = await ask('ahead', '')
    expect(relation).toBe('unknown')
    expect(questions).toEqual([])
  })

  test.each(['\n::error::x', '##[add-mask]a', '../../../user', 'v1', `${held}/..`, ''])(
    'is unknown for what is not a commit, and nothing is asked or printed: %j',
    async (revision) => {
      const {relation, questions, io} = await ask('ahead', 'job-token', revision)
      expect(relation).toBe('unknown')
      expect(questions).toEqual([])
      expect(io.workflow.log).toEqual([])
    },
  )

  test('is unknown when GitHub does not answer, and the log says why', async () => {
    const {relation, io} = await ask(new Error('Not Found'))
    expect(relation).toBe('unknown')
    expect(io.workflow.log).toEqual([
      'info: GitHub did not compare aaaaaaaaaaaa with bbbbbbbbbbbb (Not Found): their dates are compared instead',
    ])
  })
})
