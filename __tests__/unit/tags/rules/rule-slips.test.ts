import {describe, expect, test} from '@jest/globals'
import {formatProblem} from '../../../../src/inputs/problem.ts'
import {propose, pushOf} from '../../../support/plans.ts'

const branch = pushOf('refs/heads/feature/a')

interface Row {
  readonly line: string
  readonly expected: readonly string[]
}

function problemsOf(line: string): readonly string[] {
  return propose(branch, [line]).problems.all.map(formatProblem)
}

const braces = 'Write {{version}}: two braces on each side, and no quotes around it.'
const patternRemedy = 'Write a pattern, such as pattern={{version}} or pattern={{major}}.{{minor}}.'

/** Each with the place of the slip, and what was meant. */
const slips: readonly Row[] = [
  {
    line: 'semver,pattern={{version}}',
    expected: ['column 1: "semver" is a rule\'s type without type=. Did you mean "type=semver"?'],
  },
  {
    line: 'priority=900,edge,branch=main',
    expected: ['column 14: "edge" is a rule\'s type without type=. Did you mean "type=edge"?'],
  },
  {
    line: 'type:semver,pattern={{version}}',
    expected: ['column 1: "type:semver" is a rule\'s type without type=. Did you mean "type=semver"?'],
  },
  {line: 'type: sha', expected: ['column 1: "type: sha" is a rule\'s type without type=. Did you mean "type=sha"?']},
  {
    line: 'raw,value=stable',
    expected: ['column 1: "raw" is a rule\'s type without type=. Did you mean "type=raw"?'],
  },
  {
    line: 'ref,event=pull_request',
    expected: [
      'column 1: "ref" is a rule\'s type without type=. Did you mean "type=ref"?',
      'column 11: unknown event "pull_request". Did you mean "pr"?',
    ],
  },
  {line: 'type=ref,event=pull_request', expected: ['column 16: unknown event "pull_request". Did you mean "pr"?']},
  {line: 'type=ref,event=pull', expected: ['column 16: unknown event "pull". Did you mean "pr"?']},
  {
    line: 'type=semver;pattern={{version}}',
    expected: [
      'column 12: unknown rule type "semver;pattern={{version}}". Attributes are separated with commas: type=semver,pattern={{version}}.',
    ],
  },
  {
    line: 'type=sha format=long',
    expected: [
      'column 9: unknown rule type "sha format=long". Attributes are separated with commas: type=sha,format=long.',
    ],
  },
  {
    line: 'type=sha;colour=red',
    expected: [
      'column 6: unknown rule type "sha;colour=red". Use one of: schedule, semver, pep440, match, calver, file, edge, ref, raw, sha, env.',
    ],
  },
  {
    line: 'type=sha # comment',
    expected: ['column 10: unknown rule type "sha # comment". A comment stands on a line of its own.'],
  },
  {
    line: 'type=sha,format=long # comment',
    expected: ['column 22: unknown format "long # comment". A comment stands on a line of its own.'],
  },
  {
    line: 'stable # comment',
    expected: ['column 7: a tag cannot contain " ". A comment stands on a line of its own.'],
  },
  {line: 'type=sha,foo', expected: ['column 10: "foo" has no name. Write name=value.']},
  {
    line: 'type=semver,pattern={version}',
    expected: [`column 21: { stands outside of an expression. ${braces}`],
  },
  {
    line: "type=pep440,pattern='{{version}}'",
    expected: [`column 21: ' stands outside of an expression. ${braces}`],
  },
  {
    line: 'type=file,path=package.json,pattern="{{version}}"',
    expected: [`column 37: " stands outside of an expression. ${braces}`],
  },
  {
    line: 'type=semver,pattern={{version}}}',
    expected: [`column 32: } stands outside of an expression. ${braces}`],
  },
  {line: 'type=semver,pattern=', expected: [`column 21: the pattern is empty. ${patternRemedy}`]},
  {line: 'type=pep440,pattern=', expected: [`column 21: the pattern is empty. ${patternRemedy}`]},
  {line: 'type=file,path=package.json,pattern=', expected: [`column 37: the pattern is empty. ${patternRemedy}`]},
  {line: 'type=semver', expected: [`column 12: the rule needs pattern=…. ${patternRemedy}`]},
  {
    line: "type=raw,value={{date 'YYYY' tz='Europe/Berln'}}",
    expected: ['column 16: unknown time zone "Europe/Berln". Did you mean "Europe/Berlin"?'],
  },
  {
    line: "type=schedule,pattern={{date 'YYYY' tz='berlin'}}",
    expected: ['column 23: unknown time zone "berlin". Did you mean "Europe/Berlin"?'],
  },
  {
    line: 'type=calver,pattern=YYYY.MM,tz=America/New_Yrok',
    expected: ['column 32: unknown time zone "America/New_Yrok". Did you mean "America/New_York"?'],
  },
  {
    line: 'type=calver,pattern=YYYY.MM,tz=Mars/Base',
    expected: ['column 32: unknown time zone "Mars/Base". Use a name such as Europe/Berlin.'],
  },
]

describe('a slip of the pen', () => {
  test.each(slips)('$line', ({line, expected}) => {
    // The event of a schedule is not this one: its pattern is checked all the same, before the event is known.
    const context = line.startsWith('type=schedule') ? pushOf('refs/heads/main', {event: 'schedule'}) : branch
    const found = propose(context, [line]).problems.all.map(formatProblem)
    expect(found).toEqual(expected.map((problem) => `tags, line 1, ${problem}`))
  })
})

describe('what looks like a slip and is none', () => {
  test.each([
    {line: 'edge', expected: ['edge']},
    {line: 'edge,priority=900', expected: ['edge']},
    {line: 'sha,edge', expected: ['sha', 'edge']},
    {line: 'semver', expected: ['semver']},
    {line: "type=semver,pattern={{version}}-{{date 'YYYY'}},value=1.2.3", expected: ['1.2.3-2026', 'latest']},
    {line: 'type=semver,pattern={{#if tag}}t{{else}}{{version}}{{/if}},value=1.2.3', expected: ['1.2.3', 'latest']},
    {line: '"type=semver","pattern={{version}}",value=1.2.3', expected: ['1.2.3', 'latest']},
  ])('$line', ({line, expected}) => {
    expect(problemsOf(line)).toEqual([])
    expect(propose(branch, [line]).names).toEqual(expected)
  })
})
