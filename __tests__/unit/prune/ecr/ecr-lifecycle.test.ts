import {expect, test} from '@jest/globals'
import type {EcrApi} from '../../../../src/credentials/cloud/ecr-api.ts'
import {readEcrLifecycle, type EcrLifecycle} from '../../../../src/prune/ecr/ecr-lifecycle.ts'

const host = '123456789012.dkr.ecr.eu-west-1.amazonaws.com'

async function read(answer: object | string): Promise<EcrLifecycle> {
  const call: EcrApi['call'] = async (operation) =>
    Promise.resolve(
      typeof answer === 'string'
        ? {ok: false, exception: answer, message: '', line: `${operation}: 400`}
        : {ok: true, value: answer},
    )
  return readEcrLifecycle({host, path: 'team/app'}, {call})
}

test.each([
  {answer: {lifecyclePolicyText: '{}'}, expected: {text: '{}'}},
  {answer: {}, expected: {unknown: {code: 'policy-unreadable'}}},
  {answer: 'LifecyclePolicyNotFoundException', expected: undefined},
  {answer: 'RepositoryNotFoundException', expected: undefined},
  {
    answer: 'ServerException',
    expected: {
      unknown: {code: 'policy-refused', answer: 'GetLifecyclePolicy: 400: ServerException', remedy: undefined},
    },
  },
])('$answer', async ({answer, expected}) => {
  expect(await read(answer)).toEqual(expected)
})

test('a missing right is named', async () => {
  expect(await read('AccessDeniedException')).toMatchObject({
    unknown: {
      remedy: expect.stringContaining(
        'ecr:GetLifecyclePolicy on arn:aws:ecr:eu-west-1:123456789012:repository/team/app',
      ),
    },
  })
})

test('public repositories have no policy', async () => {
  const call = async (): Promise<never> => Promise.reject(new Error('no request'))
  expect(await readEcrLifecycle({host: 'public.ecr.aws', path: 'alias/app'}, {call})).toBeUndefined()
})
