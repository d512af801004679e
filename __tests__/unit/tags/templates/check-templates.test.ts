import {describe, expect, test} from '@jest/globals'
import {formatProblem, Problems, type Problem} from '../../../../src/inputs/problem.ts'
import {readInputs} from '../../../../src/inputs/read.ts'
import {templatesOf} from '../../../../src/plan/image-texts.ts'
import {checkTemplates} from '../../../../src/tags/templates/check-templates.ts'
import {handlebarsEngine} from '../../../../src/tags/templates/handlebars.ts'
import {readCalver} from '../../../../src/tags/rules/calver-rule.ts'
import {parseRules} from '../../../../src/tags/rules/rule-reader.ts'
import {pep440Pieces, pep440Values} from '../../../../src/tags/versions/pep440.ts'
import {semverPieces, versionValues} from '../../../../src/tags/versions/semver.ts'
import {needsFullEngine, plainEngine} from '../../../../src/tags/templates/template.ts'
import {anyValues, globalValues} from '../../../../src/tags/templates/values.ts'
import {boundedRegex} from '../../../../src/io/bounded-regex.ts'
import {pushOf} from '../../../../testing/plans.ts'

/** Problems of these inputs, whatever the event. */
async function problemsOf(given: Readonly<Record<string, string>>): Promise<readonly Problem[]> {
  const problems = new Problems()
  const inputs = await readInputs(new Map(Object.entries(given)), problems)
  parseRules(inputs.image.tags, {origin: 'tags', readCalver}, problems)
  checkTemplates(inputs, templatesOf(inputs).some(needsFullEngine) ? handlebarsEngine : plainEngine, problems)
  return problems.all
}

/** Places and messages of the problems, without the remedies. */
async function messagesOf(given: Readonly<Record<string, string>>): Promise<readonly string[]> {
  return (await problemsOf(given)).map((problem) => formatProblem({...problem, remedy: ''}).replace(/\. *$/, ''))
}

/** Places of the problems: `tags, line 1, column 16`. */
async function placesOf(given: Readonly<Record<string, string>>): Promise<readonly string[]> {
  return (await problemsOf(given)).map(({input, line, column}) => `${input}, line ${line}, column ${column}`)
}

describe('expressions are checked whatever the event', () => {
  test.each<{name: string; given: Readonly<Record<string, string>>; expected: readonly string[]}>([
    {
      name: 'schedule',
      given: {tags: 'type=schedule,pattern={{dat}}'},
      expected: ['tags, line 1, column 23: unknown expression "dat"'],
    },
    {
      name: 'semver, which has names of its own',
      given: {tags: 'x\ntype=semver,pattern={{version}}-{{majr}}-{{build}}'},
      expected: ['tags, line 2, column 33: unknown expression "majr"'],
    },
    {
      name: 'pep440, which has fewer',
      given: {tags: 'type=pep440,pattern={{raw}}\ntype=pep440,pattern={{build}}'},
      expected: ['tags, line 2, column 21: unknown expression "build"'],
    },
    {
      name: 'file',
      given: {tags: 'type=file,path=package.json,pattern={{patch}}{{ptch}}'},
      expected: ['tags, line 1, column 46: unknown expression "ptch"'],
    },
    {
      name: 'a piece of a version outside of its pattern',
      given: {tags: 'type=semver,pattern={{version}},suffix={{major}}'},
      expected: ['tags, line 1, column 40: unknown expression "major"'],
    },
    {
      name: 'every attribute of a rule, each at its own place',
      given: {tags: 'type=ref,event=tag,prefix={{a}},suffix={{a}},enable={{b}}'},
      expected: [
        'tags, line 1, column 27: unknown expression "a"',
        'tags, line 1, column 40: unknown expression "a"',
        'tags, line 1, column 53: unknown expression "b"',
      ],
    },
    {name: 'a literal', given: {tags: 'v-{{shaa}}'}, expected: ['tags, line 1, column 3: unknown expression "shaa"']},
    {
      name: 'beside other mistakes of the rule',
      given: {tags: 'type=match,patern=x,value={{taag}}'},
      expected: [
        'tags, line 1, column 12: unknown attribute "patern"',
        'tags, line 1, column 27: unknown expression "taag"',
      ],
    },
    {
      name: 'flavor',
      given: {flavor: 'latest=auto\nprefix={{x}}-,suffix=-{{y}}'},
      expected: [
        'flavor, line 2, column 8: unknown expression "x"',
        'flavor, line 2, column 23: unknown expression "y"',
      ],
    },
    {
      name: 'labels, key and value',
      given: {labels: 'a=b\nk.{{x}}=v-{{y}}'},
      expected: [
        'labels, line 2, column 3: unknown expression "x"',
        'labels, line 2, column 11: unknown expression "y"',
      ],
    },
    {
      name: 'a label of several lines',
      given: {labels: '"a=one\ntwo {{x}}"'},
      expected: ['labels, line 2, column 5: unknown expression "x"'],
    },
    {
      name: 'annotations with levels of their own',
      given: {annotations: 'manifest,index:key={{x}}'},
      expected: ['annotations, line 1, column 20: unknown expression "x"'],
    },
    {
      name: 'images',
      given: {images: 'user/a\nname=user/b,enable={{x}}'},
      expected: ['images, line 2, column 20: unknown expression "x"'],
    },
    {
      name: 'a time zone in a branch that is not taken',
      given: {tags: "type=schedule,pattern=x{{#if tag}}{{else}}{{commit_date 'YYYY' tz='Mars/Base'}}{{/if}}"},
      expected: ['tags, line 1, column 43: unknown time zone "Mars/Base"'],
    },
    {
      name: 'an argument of a name without arguments',
      given: {tags: "type=raw,value={{branch 'x'}}"},
      expected: ['tags, line 1, column 16: {{branch}} takes no arguments'],
    },
    {
      name: 'all inputs at once',
      given: {
        images: 'name=user/b,enable={{x}}',
        tags: 'type=sha,prefix={{y}}',
        flavor: 'prefix={{z}}',
        labels: 'a={{w}}',
      },
      expected: [
        'images, line 1, column 20: unknown expression "x"',
        'tags, line 1, column 17: unknown expression "y"',
        'flavor, line 1, column 8: unknown expression "z"',
        'labels, line 1, column 3: unknown expression "w"',
      ],
    },
  ])('$name', async ({given, expected}) => {
    expect(await messagesOf(given)).toEqual(expected)
  })

  test('a problem that the parser reports is not repeated', async () => {
    expect(await messagesOf({tags: 'user/app:{{taag}}\ntype=sha,{{x}}\ntype=sha,enable=maybe'})).toEqual([
      expect.stringMatching(/^tags, line 1, column 10: /),
      expect.stringMatching(/^tags, line 2, column 10: "\{\{x\}\}" has no name/),
      expect.stringMatching(/^tags, line 3, column 17: enable is "maybe"/),
    ])
  })

  test('a date without a format is refused by the plain engine', async () => {
    expect(await placesOf({tags: 'type=schedule,pattern={{date}}'})).toEqual(['tags, line 1, column 23'])
  })

  test('a similar part of a version is suggested', async () => {
    const [problem] = await problemsOf({tags: 'type=semver,pattern={{verson}}'})
    expect(problem).toMatchObject({column: 21, remedy: expect.stringContaining('"version"')})
  })

  test.each([
    {tags: 'type=semver,pattern={{major}}.{{minor}}.{{patch}}-{{prerelease}}+{{build}}{{raw}}{{version}}'},
    {tags: "type=schedule,pattern={{date 'YYYYMMDD-HHmmss' tz='Asia/Tokyo'}}"},
    {tags: 'type=raw,value=mytag-{{branch}}-{{sha}}'},
    {tags: "type=raw,value={{#if tag}}{{tag}}{{else if (date 'Y')}}{{run}}{{else}}{{env}}{{/if}}"},
    {tags: 'type=raw,value={{#unless is_default_branch}}x{{/unless}}'},
    {tags: 'type=raw,value={{date base_ref}}'},
    {tags: 'type=calver,pattern=YYYY.0M.MICRO\ntype=match,pattern=a{{2}}'},
    {labels: "org.opencontainers.image.created={{commit_date 'YYYY-MM-DDTHH:mm:ss.SSS[Z]'}}"},
  ])('accepts $tags$labels', async (given) => {
    expect(await problemsOf(given as Readonly<Record<string, string>>)).toEqual([])
  })
})

describe('the names that are checked', () => {
  test('are the names that rendering accepts', () => {
    const sources = {
      context: pushOf('refs/heads/main'),
      engine: plainEngine,
      now: new Date(0),
      environment: '',
      shortShaLength: 7,
      version: undefined,
      tagged: undefined,
      files: new Map(),
      regex: boundedRegex(),
      uniqueBranchTags: false,
    }
    expect([...anyValues(plainEngine).keys()]).toEqual([...globalValues(sources).keys()])
  })

  test('include the parts of versions', () => {
    expect([...(versionValues('1.2.3')?.keys() ?? [])]).toEqual([...semverPieces])
    expect([...(pep440Values('1.2.3')?.keys() ?? [])]).toEqual([...pep440Pieces])
  })
})

describe('a text that does not parse', () => {
  test.each([
    {text: "x{{date 'YYYY'", column: 17, names: ['closed', '}}']},
    {text: "{{date 'YYYY}}", column: 16, names: ['quote']},
    {text: "{{date 'Y'}}-{{}}", column: 29, names: ['empty']},
    {text: 'a-{{#if tag}}b', column: 18, names: ['{{#if}}', '{{/if}}']},
    {text: 'a{{/if}}', column: 17, names: ['{{/if}}']},
    {text: "{{date 'Y'}}{{else}}b", column: 28, names: ['{{else}}', 'block']},
    {text: '{{#if tag}}{{#unless sha}}x{{/if}}{{/unless}}', column: 43, names: ['{{/if}}', '{{/unless}}']},
    {text: "{{date 'Y'}}{{date tz=}}", column: 28, names: ['{{date tz=}}']},
    {text: '{{#if tag=}}x{{/if}}', column: 16, names: ['{{#if tag=}}']},
    {text: '{{branch}', column: 16, names: ['closed', '}}']},
  ])('$text', async ({text, column, names}) => {
    const inputs = {tags: `type=raw,value=${text}`}
    expect(await placesOf(inputs)).toEqual([`tags, line 1, column ${column}`])
    const [{message} = {message: ''}] = await problemsOf(inputs)
    for (const name of names) expect(message).toContain(name)
  })

  test('is reported without the tokens of the parser', async () => {
    const texts = [
      '{{',
      '{{}}',
      '{{a b=}}',
      '{{#if}}',
      '{{/if}}',
      '{{#if x}}{{/unless}}',
      '{{{a}}',
      '{{[}}',
      '{{@}}',
      '{{^}}',
    ]
    const found = await Promise.all(texts.map(async (text) => messagesOf({tags: `type=raw,value=${text}`})))
    expect(found.filter((messages) => messages.length !== 1)).toEqual([])
    expect(found.join('\n')).not.toMatch(/Expecting|got '|Parse error|Lexical|EOF|INVALID|OPEN_|CLOSE/)
  })
})
