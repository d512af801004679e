import {createHash} from 'node:crypto'
import {writeFile} from 'node:fs/promises'
import path from 'node:path'
import {describe, expect, test} from '@jest/globals'
import {prepare} from '../../../../src/prepare/prepare.ts'
import {TagboatError} from '../../../../src/errors/error.ts'
import type {Plan} from '../../../../src/plan/plan.ts'
import {formatRepository} from '../../../../src/oci/reference.ts'
import {pep440Pieces} from '../../../../src/tags/versions/pep440.ts'
import {semverPieces} from '../../../../src/tags/versions/semver.ts'
import {anyValues} from '../../../../src/tags/templates/values.ts'
import {plainEngine} from '../../../../src/tags/templates/template.ts'
import {loadEvent} from '../../../../testing/events.ts'
import {fakeIo, temporaryDirectory} from '../../../../testing/fake-io.ts'

type Inputs = Readonly<Record<string, string>>

/** Plan of a run of this event on 2 January 2026, 03:04 UTC, in a checkout with a package.json of version 1.2.3. */
async function planOf(event: string, inputs: Inputs, variables: Inputs = {}): Promise<Plan> {
  await using workspace = await temporaryDirectory()
  await writeFile(path.join(workspace.path, 'package.json'), '{"version": "1.2.3"}')
  const {environment, payloadPath} = loadEvent(event)
  const io = fakeIo({
    environment: {...environment, GITHUB_EVENT_PATH: payloadPath, GITHUB_WORKSPACE: workspace.path, ...variables},
    inputs: new Map(Object.entries({images: 'user/app', push: 'false', ...inputs})),
  })
  return (await prepare(io)).plan
}

/** Problems of the inputs in the error of a run. */
async function problemsOf(event: string, inputs: Inputs, variables: Inputs = {}): Promise<readonly string[]> {
  const failure = await planOf(event, inputs, variables).catch((error: unknown) => error)
  if (!(failure instanceof TagboatError)) throw new Error('these inputs have no problem')
  return failure.evidence
}

interface Expression {
  readonly expression: string
  /** Name of a fixture. */
  readonly event: string
  /** Value of the expression on this event. */
  readonly text: string
  /** The value as a part of a tag, if it differs. */
  readonly tag?: string
  /** Other inputs of the step. */
  readonly inputs?: Inputs
}

const refHash = createHash('sha256').update('refs/heads/feature/login').digest('hex').slice(0, 7)

/** Every expression with its values on several events. */
const expressions: readonly Expression[] = [
  {expression: 'branch', event: 'push-branch', text: 'feature/login', tag: 'feature-login'},
  {expression: 'branch', event: 'push-tag', text: ''},
  {expression: 'tag', event: 'push-tag', text: 'v1.2.3'},
  {expression: 'tag', event: 'push-branch', text: ''},
  {expression: 'sha', event: 'push-branch', text: '6113728'},
  {expression: 'base_ref', event: 'pull-request', text: 'master'},
  {expression: 'base_ref', event: 'push-branch', text: ''},
  {expression: 'is_default_branch', event: 'push-default-branch', text: 'true'},
  {expression: 'is_default_branch', event: 'push-branch', text: 'false'},
  {expression: 'is_default_branch', event: 'push-tag', text: 'false'},
  {expression: 'is_default_branch', event: 'pull-request', text: 'false'},
  {expression: 'is_not_default_branch', event: 'push-default-branch', text: 'false'},
  {expression: 'is_not_default_branch', event: 'push-branch', text: 'true'},
  {expression: 'is_not_default_branch', event: 'push-tag', text: 'true'},
  {expression: 'is_not_default_branch', event: 'pull-request', text: 'true'},
  {expression: "date 'YYYYMMDD'", event: 'push-branch', text: '20260102'},
  {
    expression: "date 'YYYY-MM-DD HH:mm' tz='Asia/Tokyo'",
    event: 'push-branch',
    text: '2026-01-02 12:04',
    tag: '2026-01-02-12-04',
  },
  {expression: "commit_date 'YYYYMMDD-HHmm'", event: 'push-branch', text: '20190515-1519'},
  {expression: "commit_date 'YYYYMMDD-HHmm' tz='Asia/Tokyo'", event: 'push-branch', text: '20190516-0019'},
  {expression: 'pr', event: 'pull-request', text: '2'},
  {expression: 'pr', event: 'push-branch', text: ''},
  {expression: 'run', event: 'push-branch', text: '24'},
  {expression: 'env', event: 'push-branch', text: 'staging', inputs: {environment: 'staging'}},
  {expression: 'env', event: 'push-branch', text: ''},
  {expression: 'short_ref_hash', event: 'push-branch', text: refHash},
]

interface Place {
  readonly name: string
  readonly inputs: (template: string) => Inputs
  /** The rendered text in the plan. */
  readonly found: (plan: Plan) => string
  /** The text is part of a tag. */
  readonly isTag: boolean
  readonly variables?: Inputs
}

/** First tag without the environment. */
const firstTag = (plan: Plan): string => (plan.tagNames[0] ?? '').replace(/-staging$/, '')
const labelValue = (plan: Plan): string => plan.labels.find(({key}) => key === 'k')?.value ?? ''
const annotationValue = (plan: Plan): string => plan.annotations.find(({key}) => key === 'k')?.value ?? ''
/** An attribute of a rule whose text is the tag. */
const rule = (name: string, before: string, variables: Inputs = {}): Place => ({
  name,
  inputs: (template) => ({tags: `${before}${template}`, version: '1.2.3'}),
  found: firstTag,
  isTag: true,
  variables,
})

/** Every place in the inputs for a text that becomes part of a tag, label or annotation. */
const places: readonly Place[] = [
  rule('a literal', ''),
  rule('value of raw', 'type=raw,value='),
  rule('value of match', 'type=match,pattern=.+,value='),
  rule('pattern of schedule', 'type=schedule,pattern=', {GITHUB_EVENT_NAME: 'schedule'}),
  rule('pattern of semver', 'type=semver,pattern='),
  rule('pattern of pep440', 'type=pep440,pattern='),
  rule('pattern of file', 'type=file,path=package.json,pattern='),
  rule('prefix', 'type=semver,pattern={{version}},prefix='),
  rule('suffix', 'type=semver,pattern={{version}},suffix='),
  {
    name: 'prefix of flavor',
    inputs: (template) => ({flavor: `latest=false\nprefix=${template}`, tags: 'type=raw,value=x'}),
    found: firstTag,
    isTag: true,
  },
  {
    name: 'suffix of flavor',
    inputs: (template) => ({flavor: `suffix=${template}`, tags: 'type=raw,value=x'}),
    found: firstTag,
    isTag: true,
  },
  {
    name: 'prefix of flavor, on latest',
    inputs: (template) => ({flavor: `latest=true\nprefix=${template},onlatest=true`, tags: 'type=raw,value=x'}),
    found: ({tagNames}) => (tagNames[1] ?? '').replace(/-staging$/, ''),
    isTag: true,
  },
  {name: 'a label', inputs: (template) => ({tags: 'x', labels: `k=${template}`}), found: labelValue, isTag: false},
  {
    name: 'an annotation',
    inputs: (template) => ({tags: 'x', annotations: `k=${template}`}),
    found: annotationValue,
    isTag: false,
  },
  {
    name: 'an annotation with its level',
    inputs: (template) => ({tags: 'x', annotations: `index:k=${template}`}),
    found: annotationValue,
    isTag: false,
  },
]

/** Expression between marks, so that an empty value is visible too. */
const marked = (expression: string): string => `AA{{${expression}}}ZZ`

describe('the table of expressions', () => {
  test('is complete', () => {
    const names = expressions.map(({expression}) => expression.split(' ')[0])
    expect([...new Set(names)].sort()).toEqual([...anyValues(plainEngine).keys()].sort())
  })
})

describe.each(places)('an expression in $name', ({inputs, found, isTag, variables}) => {
  test.each(expressions)('{{$expression}}, $event: $text', async ({expression, event, text, tag, ...rest}) => {
    const plan = await planOf(event, {...inputs(marked(expression)), ...rest.inputs}, variables)
    expect(/AA(.*)ZZ/.exec(found(plan))?.[1]).toBe(isTag ? (tag ?? text) : text)
  })

  test('its name is checked, with its place', async () => {
    const given = inputs(marked('brnch'))
    expect(await problemsOf('push-branch', given, variables)).toEqual([
      expect.stringMatching(
        new RegExp(`^${placeOf(given, '{{brnch')}: unknown expression "brnch"\\. Did you mean "branch"`),
      ),
    ])
  })
})

/** Place of a text in one of the inputs: `tags, line 1, column 16`. */
function placeOf(given: Inputs, text: string): string {
  const [input, value] = Object.entries(given).find(([, one]) => one.includes(text)) ?? ['', '']
  const before = value.slice(0, value.indexOf(text)).split('\n')
  return `${input}, line ${before.length}, column ${(before.at(-1) ?? '').length + 1}`
}

interface Switch {
  readonly name: string
  readonly inputs: (enable: string) => Inputs
}

/** A rule, or an image, with the attribute `enable`. */
const switches: readonly Switch[] = [
  {name: 'a rule', inputs: (enable) => ({tags: `x\ntype=raw,value=on,enable=${enable}`})},
  {
    name: 'an image',
    inputs: (enable) => ({images: `user/app\nname=user/on,enable=${enable}`, tags: 'x'}),
  },
]

function isOn({tagNames, repositories}: Plan): boolean {
  const names = repositories.map(formatRepository)
  return tagNames.some((tag) => /^on\b/.test(tag)) || names.includes('user/on')
}

describe.each(switches)('enable of $name', ({inputs}) => {
  const truths = expressions.filter(({text}) => text === 'true' || text === 'false')
  const texts = expressions.filter(({text}) => text !== 'true' && text !== 'false')

  test.each(truths)('{{$expression}}, $event: $text', async ({expression, event, text}) => {
    expect(isOn(await planOf(event, inputs(`{{${expression}}}`)))).toBe(text === 'true')
  })

  test.each(texts)('{{$expression}}, $event: "$text" is neither', async ({expression, event, text, ...rest}) => {
    const given = {...inputs(`{{${expression}}}`), ...rest.inputs}
    const place = placeOf(given, `{{${expression}`)
    expect(await problemsOf(event, given)).toEqual([expect.stringContaining(`${place}: enable is "${text}"`)])
  })

  test.each(expressions)(
    '{{$expression}} as a condition, $event: "$text"',
    async ({expression, event, text, ...rest}) => {
      const condition = expression.includes(' ') ? `(${expression})` : expression
      const given = {...inputs(`{{#if ${condition}}}true{{else}}false{{/if}}`), ...rest.inputs}
      // In Handlebars, the text "false" is not empty.
      expect(isOn(await planOf(event, given))).toBe(text !== '')
    },
  )

  test('its name is checked, with its place', async () => {
    const given = inputs('{{is_default}}')
    expect(await problemsOf('push-tag', given)).toEqual([
      expect.stringMatching(new RegExp(`^${placeOf(given, '{{is_default')}: unknown expression "is_default"`)),
    ])
  })
})

describe('value of a rule for versions', () => {
  test.each([
    {line: 'type=semver,pattern={{version}},value={{tag}}', event: 'push-tag', expected: '1.2.3'},
    {line: "type=semver,pattern={{version}},value={{date 'YYYY.M.D'}}", event: 'push-branch', expected: '2026.1.2'},
    {line: 'type=semver,pattern={{major}},value={{run}}.0.0', event: 'push-branch', expected: '24'},
    {
      line: "type=semver,pattern={{version}},value={{commit_date 'YYYY.M.D' tz='Asia/Tokyo'}}-{{sha}}",
      event: 'push-branch',
      expected: '2019.5.16-6113728',
    },
    {
      line: "type=pep440,pattern={{version}},value={{date 'YYYY.M.D'}}rc{{run}}",
      event: 'push-branch',
      expected: '2026.1.2rc24',
    },
    {
      line: "type=calver,pattern=YYYY.MM.MICRO,value={{date 'YYYY.M'}}.{{run}}",
      event: 'push-branch',
      expected: '2026.1.24',
    },
  ])('$line: $expected', async ({line, event, expected}) => {
    expect((await planOf(event, {tags: line})).tagNames[0]).toBe(expected)
  })

  test.each(['semver', 'pep440', 'match', 'calver'])('%s: an empty value gives no tag', async (kind) => {
    const pattern = {semver: '{{version}}', pep440: '{{version}}', match: '.*', calver: 'YYYY.MM'}[kind] ?? ''
    const plan = await planOf('push-branch', {tags: `type=${kind},pattern=${pattern},value={{tag}}`, version: '1.2.3'})
    expect(plan.tagNames).toEqual([])
    expect(plan.skippedRules).toMatchObject([
      {reason: {code: 'empty-expression', names: ['tag'], text: ''}, level: 'info'},
    ])
  })
})

describe('pieces of a version', () => {
  const semver = [
    {piece: 'version', expected: '1.2.3-rc.1-b.5'},
    {piece: 'raw', expected: 'v1.2.3-rc.1-b.5'},
    {piece: 'major', expected: '1'},
    {piece: 'minor', expected: '2'},
    {piece: 'patch', expected: '3'},
    {piece: 'prerelease', expected: 'rc.1'},
    {piece: 'build', expected: 'b.5'},
  ]
  const pep440 = [
    {piece: 'version', expected: '1.2.3rc1'},
    {piece: 'raw', expected: 'v1.2.3-RC1'},
    {piece: 'major', expected: '1'},
    {piece: 'minor', expected: '2'},
    {piece: 'patch', expected: '3'},
  ]

  test('are all in the tables', () => {
    expect(semver.map(({piece}) => piece).sort()).toEqual([...semverPieces].sort())
    expect(pep440.map(({piece}) => piece).sort()).toEqual([...pep440Pieces].sort())
  })

  // After the whole version, so that a pre-release does not replace the pattern.
  test.each(semver)('{{$piece}} in the pattern of semver: $expected', async ({piece, expected}) => {
    const tags = `type=semver,pattern={{version}}_${marked(piece)}`
    const {tagNames} = await planOf('push-branch', {tags, version: 'v1.2.3-rc.1+b.5'})
    // The build metadata appears once: as its own part, else in the version.
    const version = piece === 'build' || piece === 'raw' ? '1.2.3-rc.1' : '1.2.3-rc.1-b.5'
    expect(tagNames).toEqual([`${version}_AA${expected}ZZ`])
  })

  test.each(pep440)('{{$piece}} in the pattern of pep440: $expected', async ({piece, expected}) => {
    const tags = `type=pep440,pattern={{version}}_${marked(piece)}`
    const {tagNames} = await planOf('push-branch', {tags, version: 'v1.2.3-RC1'})
    expect(tagNames).toEqual([`1.2.3rc1_AA${expected}ZZ`])
  })

  test.each([
    {piece: 'version', expected: '1.2.3'},
    {piece: 'raw', expected: '1.2.3'},
    {piece: 'major', expected: '1'},
    {piece: 'minor', expected: '2'},
    {piece: 'patch', expected: '3'},
    {piece: 'prerelease', expected: ''},
    {piece: 'build', expected: ''},
  ])('{{$piece}} in the pattern of file: $expected', async ({piece, expected}) => {
    const tags = `type=file,path=package.json,pattern=${marked(piece)}`
    expect((await planOf('push-branch', {tags})).tagNames[0]).toBe(`AA${expected}ZZ`)
  })

  // Labels and annotations have them too: image-values.test.ts.
  const elsewhere = [
    ...places.filter(({name, isTag}) => isTag && !/pattern of (?:semver|pep440|file)/.test(name)),
    ...switches,
  ]
  test.each(
    elsewhere.flatMap(({name, inputs}) => semverPieces.map((piece) => ({name, piece, given: inputs(`{{${piece}}}`)}))),
  )('{{$piece}} is unknown in $name', async ({piece, given}) => {
    // The last place: the pattern of the same rule may contain it.
    const [input, value] = Object.entries(given).find(([, text]) => text.includes(`{{${piece}}}`)) ?? ['', '']
    const before = value.slice(0, value.lastIndexOf(`{{${piece}}}`)).split('\n')
    const place = `${input}, line ${before.length}, column ${(before.at(-1) ?? '').length + 1}`
    expect(await problemsOf('push-tag', given)).toEqual([
      expect.stringMatching(new RegExp(`^${place}: unknown expression "${piece}"\\. `)),
    ])
  })

  test.each(['prerelease', 'build'])('{{%s}} is unknown in the pattern of pep440', async (piece) => {
    expect(await problemsOf('push-tag', {tags: `type=pep440,pattern={{${piece}}}`})).toEqual([
      expect.stringMatching(new RegExp(`^tags, line 1, column 21: unknown expression "${piece}"\\. `)),
    ])
  })
})

describe('attributes without expressions', () => {
  test.each([
    {line: 'type=ref,event={{branch}}', expected: 'column 16: event takes no expression'},
    {line: 'type=sha,format={{branch}}', expected: 'column 17: unknown format "{{branch}}"'},
    {line: 'type=sha,priority={{run}}', expected: 'column 19: priority "{{run}}"'},
    {line: 'type=match,pattern=x,group={{run}}', expected: 'column 28: group takes no expression'},
    {line: 'type=calver,pattern=YYYY,tz={{env}}', expected: 'column 29: tz takes no expression'},
    {line: 'type=edge,branch={{branch}}', expected: 'column 18: branch takes no expression'},
    {line: 'type=file,path=a/{{env}}.json', expected: 'column 18: path takes no expression'},
    {line: 'type={{env}}', expected: 'column 6: unknown rule type "{{env}}"'},
  ])('$line', async ({line, expected}) => {
    const [problem = '', ...others] = await problemsOf('push-branch', {tags: line})
    expect(problem).toContain(`tags, line 1, ${expected}`)
    expect(others).toEqual([])
  })

  test('the pattern of match is a regular expression, also with braces', async () => {
    const {tagNames} = await planOf('push-branch', {tags: String.raw`type=match,pattern=\{\{tag\}\},value=a\{{tag}}`})
    expect(tagNames[0]).toBe('tag-')
  })
})

describe('a condition is true unless its text is empty', () => {
  test.each([
    {expression: 'is_default_branch', event: 'push-default-branch'},
    {expression: 'is_default_branch', event: 'push-branch'},
    {expression: 'is_not_default_branch', event: 'push-default-branch'},
    {expression: 'is_not_default_branch', event: 'push-branch'},
  ])('{{#if $expression}} is true on $event, as in docker/metadata-action', async ({expression, event}) => {
    const condition = `{{#if ${expression}}}yes{{else}}no{{/if}}-{{#unless ${expression}}}yes{{else}}no{{/unless}}`
    const labels = `k=${condition}`
    const plan = await planOf(event, {tags: `type=raw,value=${condition}`, labels})
    expect({tag: plan.tagNames[0], label: labelValue(plan)}).toEqual({tag: 'yes-no', label: 'yes-no'})
  })
})
