import {readFileSync} from 'node:fs'
import path from 'node:path'
import {describe, expect, test} from '@jest/globals'
import {Ajv2020} from 'ajv/dist/2020.js'
import {pruneOutputs} from '../../../../src/report/prune/prune-outputs.ts'
import {finalRows} from '../../../../src/report/prune/prune-rows.ts'
import {classNames} from '../../../../src/report/prune/totals.ts'
import {judgedOf, pruneReport} from '../../../../testing/pruned.ts'
import {tagFor} from '../../../../testing/retention.ts'

const file = path.join(import.meta.dirname, '..', '..', '..', '..', 'docs', 'prune-plan.schema.json')
const schema = JSON.parse(readFileSync(file, 'utf8')) as {
  readonly $defs: {readonly decision: {readonly properties: {readonly class: {readonly enum: readonly string[]}}}}
}
const validate = new Ajv2020({strict: true, allErrors: true}).compile(schema)

function planOf(...judged: Parameters<typeof judgedOf>[]): unknown {
  const report = pruneReport(judged.map((one) => judgedOf(...one)))
  return JSON.parse(pruneOutputs(report, finalRows(report.judged)).plan)
}

const many = Array.from({length: 2_000}, (_, index) => `pr-${index}`)

describe('docs/prune-plan.schema.json', () => {
  test.each([
    {name: 'no repository', plan: planOf()},
    {name: 'nothing to delete', plan: planOf([{manifests: {a: {}}, tags: {x: 'a'}}, []])},
    {
      name: 'images, tags and parts',
      plan: planOf([
        {
          manifests: {a: {children: ['b']}, b: {}, c: {}, bare: {}, s: {subject: 'a'}},
          tags: {x: 'a', y: 'c', z: 'c', [tagFor('a', '.sig')]: 's'},
        },
        ['x', 'y', 'bare'],
      ]),
    },
    {
      name: 'a list that is cut',
      plan: planOf([
        {manifests: {a: {}, b: {}}, tags: {...Object.fromEntries(many.map((tag) => [tag, 'a'])), z: 'b'}},
        many,
      ]),
    },
  ])('describes the output: $name', ({plan}) => {
    validate(plan)
    expect(validate.errors).toBeNull()
  })

  test.each([{}, {dryRun: 'true', repositories: []}, {dryRun: true, repositories: [{}]}])('refuses %j', (plan) => {
    expect(validate(plan)).toBe(false)
  })

  test('knows every class', () => {
    expect(schema.$defs.decision.properties.class.enum).toEqual(Object.keys(classNames))
  })
})
