import {expect, test} from '@jest/globals'
import {Problems, type Problem} from '../../../src/inputs/problem.ts'

function problem(input: string, line?: number, column?: number): Problem {
  const place = {...(line === undefined ? {} : {line}), ...(column === undefined ? {} : {column})}
  return {input, ...place, message: 'm', remedy: 'r.'}
}

test('problems are sorted by input in the order of the table, then by line and column', () => {
  const problems = new Problems()
  for (const one of [
    problem('SOME_VARIABLE'),
    problem('platforms', 1, 1),
    problem('tags', 2, 3),
    problem('tags', 10, 1),
    problem('tags', 2, 1),
    problem('images', 7),
    problem('tags'),
    problem('no-such-input'),
  ])
    problems.add(one)
  expect(() => {
    problems.throwIfAny()
  }).toThrow(
    expect.objectContaining({
      evidence: [
        'images, line 7: m. r.',
        'tags: m. r.',
        'tags, line 2, column 1: m. r.',
        'tags, line 2, column 3: m. r.',
        'tags, line 10, column 1: m. r.',
        'platforms, line 1, column 1: m. r.',
        'SOME_VARIABLE: m. r.',
        'no-such-input: m. r.',
      ],
    }),
  )
})
