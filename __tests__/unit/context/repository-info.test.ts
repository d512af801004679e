import {describe, expect, test} from '@jest/globals'
import {readContext} from '../../../src/context/event.ts'
import {
  missingRepositoryFacts,
  parseRepositoryFacts,
  withRepositoryFacts,
  type RepositoryFacts,
} from '../../../src/context/repository-info.ts'
import {loadEvent} from '../../../testing/events.ts'

const none: RepositoryFacts = {
  defaultBranch: undefined,
  description: undefined,
  license: undefined,
  isFork: undefined,
}
const facts: RepositoryFacts = {
  defaultBranch: 'main',
  description: 'An app',
  license: 'Apache-2.0',
  isFork: true,
}

describe('parseRepositoryFacts', () => {
  test.each([
    {
      name: 'answer of the API',
      given: {
        default_branch: 'main',
        description: 'An app',
        license: {key: 'apache-2.0', spdx_id: 'Apache-2.0'},
        private: false,
        fork: true,
      },
      expected: facts,
    },
    {
      name: 'a licence that GitHub does not know',
      given: {default_branch: 'main', license: {key: 'other', spdx_id: 'NOASSERTION'}},
      expected: {...none, defaultBranch: 'main'},
    },
    {
      name: 'nulls',
      given: {default_branch: null, description: null, license: null, private: null},
      expected: none,
    },
    {name: 'other types than expected', given: {default_branch: 1, license: 'MIT', private: 'no'}, expected: none},
    {name: 'no object', given: 'moved', expected: none},
  ])('$name', ({given, expected}) => {
    expect(parseRepositoryFacts(given)).toStrictEqual(expected)
  })
})

describe('missingRepositoryFacts', () => {
  test.each([
    {name: 'push-branch', expected: []},
    {name: 'push-enterprise (neither description nor licence, which is an answer)', expected: []},
    {name: 'schedule', expected: []},
    {
      name: 'schedule-without-repository',
      expected: ['defaultBranch', 'description', 'license', 'isFork'],
    },
  ])('$name', ({name, expected}) => {
    const {environment, payload} = loadEvent(name.replace(/ .*/, ''))
    expect(missingRepositoryFacts(readContext(environment, payload))).toEqual(expected)
  })
})

describe('withRepositoryFacts', () => {
  test('fills in what the event did not say', () => {
    const {environment, payload} = loadEvent('schedule-without-repository')
    const context = readContext(environment, payload)
    const filled = withRepositoryFacts(context, facts)
    expect(filled).toStrictEqual({...context, repository: {...context.repository, ...facts}})
    expect(missingRepositoryFacts(filled)).toEqual([])
  })

  test('leaves what the event said', () => {
    const {environment, payload} = loadEvent('push-branch')
    const context = readContext(environment, payload)
    expect(withRepositoryFacts(context, {...facts, defaultBranch: 'trunk', isFork: true})).toStrictEqual(context)
  })
})
