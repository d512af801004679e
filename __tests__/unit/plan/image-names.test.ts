import {expect, test} from '@jest/globals'
import {formatNotice, Problems} from '../../../src/inputs/problem.ts'
import {readInputs} from '../../../src/inputs/read.ts'
import {reportImageNames} from '../../../src/plan/image-names.ts'
import {readCalver} from '../../../src/tags/rules/calver-rule.ts'
import {parseRules} from '../../../src/tags/rules/rule-reader.ts'
import {pushOf} from '../../../testing/plans.ts'

const engine = {load: 'true', push: 'false'}

async function noticesFor(given: Readonly<Record<string, string>>): Promise<readonly string[]> {
  const problems = new Problems()
  const inputs = await readInputs(new Map(Object.entries(given)), problems)
  const rules = parseRules(inputs.image.tags, {origin: 'tags', readCalver}, problems)
  reportImageNames({inputs, rules, context: pushOf('refs/heads/main')}, problems)
  expect(problems.all).toEqual([])
  return problems.notices.map(formatNotice)
}

test('an image name without a tag is reported with the reference to write', async () => {
  expect(await noticesFor({...engine, tags: 'latest\nmyapp'})).toEqual([
    expect.stringMatching(/^tags, line 2: "myapp" .*ghcr\.io\/octocat\/Hello-World.*"myapp:latest"/),
  ])
})

test.each([
  {name: 'the repository name', given: {tags: 'hello-world'}, count: 1},
  {name: 'a name that begins with that of the repository', given: {tags: 'hello-world_test'}, count: 1},
  {name: 'two names on a line', given: {...engine, tags: 'one,two'}, count: 2},
  {name: 'an ordinary tag of a push', given: {tags: 'nightly'}, count: 0},
  {name: 'a name of the engine alone, that is pushed', given: {load: 'true', tags: 'myapp'}, count: 0},
  {name: 'a version', given: {...engine, tags: '1.2.3,v1'}, count: 0},
  {name: 'a tag of images', given: {...engine, images: 'acme/app', tags: 'hello-world'}, count: 0},
  {name: 'a rule', given: {...engine, tags: 'type=raw,value=hello-world'}, count: 0},
  {name: 'a whole reference', given: {...engine, tags: 'hello-world:latest'}, count: 0},
])('$name', async ({given, count}) => {
  expect(await noticesFor(given)).toHaveLength(count)
})
