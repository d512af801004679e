import {expect, test} from '@jest/globals'
import {publish} from '../src/commands/publish.ts'
import {readContext} from '../src/context/event.ts'
import type {GitContext} from '../src/context/git-context.ts'
import {missingRepositoryFacts} from '../src/context/repository-info.ts'
import {TagboatError} from '../src/errors/error.ts'
import {withAnnotationLevels} from '../src/inputs/annotation-inputs.ts'
import {formatNotice, formatProblem, Problems} from '../src/inputs/problem.ts'
import {readInputs} from '../src/inputs/read.ts'
import type {SkippedRuleReason} from '../src/reasons/rule-reasons.ts'
import {formatTagRef} from '../src/oci/reference.ts'
import {looksForCommitTags} from '../src/plan/version.ts'
import {outputs} from '../src/report/outputs.ts'
import {readShortShaLength} from '../src/tags/templates/values.ts'
import {loadEvent} from '../testing/events.ts'
import {fakeIo, temporaryDirectory} from '../testing/fake-io.ts'
import {propose, pushOf, type ProposalOptions} from '../testing/plans.ts'
import {planOf} from '../testing/reports.ts'

type Given = Readonly<Record<string, string>>

const release = pushOf('refs/tags/v1.2.3')
const candidate = pushOf('refs/tags/v1.0.0-rc.1')
const branch = pushOf('refs/heads/feature/a')
const main = pushOf('refs/heads/main')

/** Tags of rules without a problem. */
function namesOf(context: GitContext, tags: readonly string[], options?: ProposalOptions): readonly string[] {
  const {names, problems} = propose(context, tags, options)
  expect(problems.all.map(formatProblem)).toEqual([])
  return names
}

function problemsOf(tags: readonly string[], context = branch): readonly string[] {
  return propose(context, tags).problems.all.map(formatProblem)
}

interface Skipped {
  readonly level: 'info' | 'warning'
  readonly line: number
  readonly reason: SkippedRuleReason
}

function skippedOf(context: GitContext, tags: readonly string[]): readonly Skipped[] {
  return propose(context, tags).skipped.map(({source, reason, level}) => ({level, line: source.line, reason}))
}

function empty(line: number, name: string, text: string): Skipped {
  return {level: 'info', line, reason: {code: 'empty-expression', names: [name], text}}
}

async function referencesOf(context: GitContext, given: Given): Promise<readonly string[]> {
  const {plan} = await planOf(context, given)
  return plan.tags.map(({reference}) => formatTagRef(reference))
}

async function outputsOf(context: GitContext, given: Given): Promise<Given> {
  const {plan, inputs} = await planOf(context, given)
  return outputs({action: 'publish', plan, dryRun: false}, inputs.output)
}

/** Problems in the error of a plan. */
async function evidenceOf(given: Given, context = branch): Promise<readonly string[]> {
  const failure = await planOf(context, given).catch((error: unknown) => error)
  return failure instanceof TagboatError ? failure.evidence : []
}

/** The event with other variables. */
function eventOf(name: string, changes: Given = {}): GitContext {
  const {environment, payload} = loadEvent(name)
  return readContext({...environment, ...changes}, payload)
}

/** `created` with the default branch's name in the payload's `ref`, but as a tag. */
function createdTagMain(): GitContext {
  const {environment, payload} = loadEvent('create-tag')
  const named = {...(payload as object), ref: 'main'}
  return readContext({...environment, GITHUB_REF: 'refs/tags/main', GITHUB_REF_NAME: 'main'}, named)
}

/** Labels as `labels` reads them back. */
async function labelsReadBack(text: string): Promise<readonly string[]> {
  const problems = new Problems()
  const {image} = await readInputs(new Map([['labels', text]]), problems)
  expect(problems.all).toEqual([])
  return image.labels.map(({key, value}) => `${key}=${value}`)
}

interface DryRun {
  /** Services that the step called. They do not answer. */
  readonly called: readonly string[]
  readonly outputs: ReadonlyMap<string, string>
  readonly exported: ReadonlyMap<string, string>
}

/** A whole step that builds nothing, while the API does not answer. */
async function dryRun(event: string, variables: Given = {}): Promise<DryRun> {
  await using directory = await temporaryDirectory()
  const {environment, payloadPath} = loadEvent(event)
  const called: string[] = []
  const unavailable = (what: string) => () => {
    called.push(what)
    throw new Error(`${what} does not answer`)
  }
  const io = fakeIo({
    environment: {...environment, ...variables, GITHUB_EVENT_PATH: payloadPath, RUNNER_TEMP: directory.path},
    inputs: new Map(Object.entries({images: 'user/app', tags: 'x', 'dry-run': 'true'})),
    http: unavailable('the network'),
    gitHub: unavailable('GitHub'),
  })
  await publish(io)
  const {outputs: set, exported} = io.workflow
  return {called, outputs: set, exported}
}

/** Differences from docker/metadata-action v6.2, by their number in docs/migrating.md. */
const differences: readonly {readonly name: string; readonly check: () => void | Promise<void>}[] = [
  {
    name: '1: every image switched off is nothing to publish, and no tag without an image',
    check: async () => {
      const given = {images: 'name=user/app,enable=false', tags: 'type=ref,event=branch'}
      expect(await outputsOf(main, given)).toMatchObject({skipped: 'true', tags: '', 'tag-names': '', pushed: 'false'})
      expect((await planOf(main, given)).plan.push.do).toBe(false)
    },
  },
  {
    name: '2: a created ref other than the default branch moves no latest',
    check: () => {
      const tags = ['type=raw,value=latest,enable={{is_default_branch}}', 'x']
      for (const context of [eventOf('create-branch'), eventOf('create-tag'), createdTagMain()])
        expect(namesOf(context, tags)).toEqual(['x'])
    },
  },
  {
    name: '3: explicit rules give latest to a pre-release (kept), the default strategy does not',
    check: () => {
      expect(namesOf(candidate, ['type=ref,event=tag'])).toEqual(['v1.0.0-rc.1', 'latest'])
      expect(namesOf(candidate, ['type=match,pattern=v(.*),group=1'])).toEqual(['1.0.0-rc.1', 'latest'])
      expect(namesOf(candidate, [])).toEqual(['1.0.0-rc.1', 'sha-860c190'])
    },
  },
  {
    name: '4: the literal text of a pattern stays in a pre-release',
    check: () => {
      const semver = (pattern: string): readonly string[] => namesOf(candidate, [`type=semver,pattern=${pattern}`])
      expect(semver('{{version}}-alpine')).toEqual(['1.0.0-rc.1-alpine'])
      expect(semver('{{raw}}-alpine')).toEqual(['v1.0.0-rc.1-alpine'])
      expect(semver('{{major}}.{{minor}}')).toEqual(['1.0.0-rc.1'])
      expect(semver('{{major}}.{{minor}}-alpine')).toEqual(['1.0.0-rc.1-alpine'])
      const both = ['type=semver,pattern=v{{version}}', 'type=semver,pattern=v{{major}}.{{minor}}']
      expect(namesOf(candidate, both)).toEqual(['v1.0.0-rc.1'])
    },
  },
  {
    name: '5: the first rule that gives a tag decides about latest (kept), and the plan notes it',
    check: () => {
      const tags = ['type=semver,pattern={{version}}', 'type=raw,value=x,priority=1000']
      expect(namesOf(release, tags)).toEqual(['x', '1.2.3'])
      expect(skippedOf(release, tags)).toEqual([])
      expect(propose(release, tags).tags.map(({notes}) => notes)).toEqual([
        [],
        [{code: 'not-latest', rule: 'type=raw,value=x,priority=1000 (tags, line 2)'}],
      ])
    },
  },
  {
    name: '6: an expression in the flavor is expanded on latest too',
    check: async () => {
      const flavor = 'latest=true\nprefix={{branch}}-,onlatest=true'
      expect(await referencesOf(main, {images: 'user/app', tags: 'x', flavor})).toEqual([
        'user/app:main-x',
        'user/app:main-latest',
      ])
    },
  },
  {
    name: '7: a match that finds nothing goes on with the whole ref (kept), and warns with line and value',
    check: () => {
      const tags = ['x', 'type=semver,pattern={{version}},match=app-(.*)']
      expect(namesOf(release, tags)).toEqual(['1.2.3', 'x', 'latest'])
      const {problems, tags: given} = propose(release, tags)
      expect(problems.warnings.map(formatNotice)).toEqual([expect.stringMatching(/^tags, line 2: .*app-.*"v1\.2\.3"/)])
      expect(given[0]?.notes).toEqual([{code: 'match-ignored', pattern: '/app-(.*)/', text: 'v1.2.3'}])
      expect(skippedOf(release, tags)).toEqual([])
    },
  },
  {
    name: '8: a mistyped expression is refused, an empty one skips the rule',
    check: () => {
      expect(problemsOf(['type=raw,value={{brnch}}-x'])).toEqual([
        'tags, line 1, column 16: unknown expression "brnch". Did you mean "branch"?',
      ])
      const tags = ['type=raw,value=dev-{{branch}}', 'type=raw,value={{branch}}-x', 'a']
      expect(namesOf(release, tags)).toEqual(['a'])
      expect(skippedOf(release, tags)).toEqual([empty(1, 'branch', 'dev-'), empty(2, 'branch', '-x')])
    },
  },
  {
    name: '9: a merge queue names its target branch, and a pull request without a number gives no tag',
    check: () => {
      expect(namesOf(eventOf('merge-group'), [])).toEqual(['mq-main', 'sha-2ffea6d'])
      const environment = {...loadEvent('pull-request-target').environment, GITHUB_REF: 'refs/heads/main'}
      const context = readContext(environment, {repository: {default_branch: 'main'}})
      expect(context.pull).toBeUndefined()
      expect(namesOf(context, ['type=ref,event=pr'])).toEqual([])
    },
  },
  {
    name: '10: a quoted attribute is read as a whole',
    check: async () => {
      const tags = String.raw`type=match,"pattern=\d{1,3}"`
      expect(await referencesOf(pushOf('refs/tags/v12.1'), {images: 'user/app', tags})).toEqual([
        'user/app:12',
        'user/app:latest',
      ])
      const values = {images: 'user/app', tags: 'type=raw,"value=a,b"'}
      expect(await referencesOf(branch, values)).toEqual(['user/app:a-b'])
    },
  },
  {
    name: '11: quotes in an expression, and a quote behind a comma and a blank, are valid',
    check: async () => {
      const tags = 'type=raw,value={{date "YYYY"}}\ntype=raw, "value=a"'
      expect(await referencesOf(branch, {images: 'user/app', tags})).toEqual(['user/app:2026', 'user/app:a'])
    },
  },
  {
    name: '12: an indented comment and an empty line are ignored',
    check: async () => {
      expect(await referencesOf(branch, {images: 'user/app', tags: 'a\n  # comment\n   \nb'})).toEqual([
        'user/app:a',
        'user/app:b',
      ])
    },
  },
  {
    name: '13: a flavor value may hold =',
    check: async () => {
      const flavor = "suffix=-{{date 'YYYY' tz='Asia/Tokyo'}}"
      expect(await referencesOf(branch, {images: 'user/app', tags: 'x', flavor})).toEqual(['user/app:x-2026'])
      expect(await referencesOf(branch, {images: 'user/app', tags: 'type=raw,value=x', flavor: 'prefix=a=b'})).toEqual([
        'user/app:a-bx',
      ])
    },
  },
  {
    name: '14: a comma list on one of several lines of images keeps all its names',
    check: async () => {
      expect(await referencesOf(branch, {images: 'user/a,user/b\nuser/c', tags: 'x'})).toEqual([
        'user/a:x',
        'user/b:x',
        'user/c:x',
      ])
    },
  },
  {
    name: '15: mistyped attributes and priorities are errors, and enable of images takes an expression',
    check: async () => {
      expect(await evidenceOf({tags: 'type=semver,patern={{version}}\ntype=sha,priority=high'})).toEqual([
        'tags, line 1, column 13: unknown attribute "patern". Did you mean "pattern"?',
        expect.stringMatching(/^tags, line 2, column 19: priority "high" /),
      ])
      expect(problemsOf(['type=sha,priority=1.5'])).toEqual([
        expect.stringMatching(/^tags, line 1, column 19: priority "1.5" /),
      ])
      expect(await evidenceOf({images: 'name=user/app,enabled=false'})).toEqual([
        'images, line 1, column 15: unknown attribute "enabled". Did you mean "enable"?',
      ])
      const images = 'user/all\nname=user/app,enable={{is_default_branch}}'
      expect(await referencesOf(main, {images, tags: 'x'})).toEqual(['user/all:x', 'user/app:x'])
      expect(await referencesOf(branch, {images, tags: 'x'})).toEqual(['user/all:x'])
    },
  },
  {
    name: '16: expressions are not escaped for HTML',
    check: () => {
      const context = pushOf('refs/heads/feat/a&b')
      expect(namesOf(context, ['type=raw,value={{branch}}'])).toEqual(['feat-a-b'])
      expect(namesOf(context, ["type=raw,value={{branch}}-{{date 'YYYY'}}"])).toEqual(['feat-a-b-2026'])
    },
  },
  {
    name: '17: tags and images are valid, or an error says where they are not',
    check: async () => {
      const [long = ''] = namesOf(pushOf(`refs/heads/${'x'.repeat(300)}`), ['type=ref,event=branch'])
      expect(long).toMatch(/^x{120}-[0-9a-f]{7}$/)
      expect(namesOf(pushOf('refs/heads/-x'), ['type=ref,event=branch'])).toEqual(['x'])
      expect(namesOf(pushOf('refs/heads/日本語'), ['type=ref,event=branch'])).toEqual(['ref-77710ae'])
      expect(problemsOf(['-a'])).toEqual([expect.stringMatching(/^tags, line 1, column 1: .*"-".*"type=raw,value=-a"/)])
      expect(await evidenceOf({images: 'https://host/x\nuser/app:1.0\nuser/äpp'})).toEqual([
        expect.stringMatching(/^images, line 1, column 1: /),
        expect.stringMatching(/^images, line 2, column 9: /),
        expect.stringMatching(/^images, line 3, column 6: /),
      ])
    },
  },
  {
    name: '17: the text of type=raw is converted to a tag, and a literal is only checked',
    check: () => {
      expect(namesOf(branch, ['type=raw,value=my tag'])).toEqual(['my-tag'])
      expect(problemsOf(['my tag'])).toEqual([expect.stringMatching(/^tags, line 1, column 3: .*" "/)])
    },
  },
  {
    name: '18: no reference twice',
    check: async () => {
      const given = {images: 'user/app\nuser/app\ndocker.io/user/app', tags: 'a\na\ntype=raw,value=a'}
      expect((await outputsOf(branch, given))['tags']).toBe('user/app:a')
    },
  },
  {
    name: '19: a label keeps its line breaks, and one without = is an error',
    check: async () => {
      const {labels = '', json = ''} = await outputsOf(branch, {tags: 'x', labels: '"a=one\ntwo=2"\nb=c=d'})
      expect(await labelsReadBack(labels)).toEqual(expect.arrayContaining(['a=one\ntwo=2', 'b=c=d']))
      expect(JSON.parse(json)).toMatchObject({labels: {a: 'one\ntwo=2', b: 'c=d'}})
      expect(await evidenceOf({labels: 'a=b\nlonely'})).toEqual([
        'labels, line 2, column 1: the = is missing. Write one key=value per line.',
      ])
    },
  },
  {
    name: '20: annotation levels, the length of short commits and the switch for the head commit are validated',
    check: async () => {
      const problems = new Problems()
      const inputs = await readInputs(new Map(), problems)
      const levels = (text: string): unknown =>
        withAnnotationLevels(inputs, {DOCKER_METADATA_ANNOTATIONS_LEVELS: text}, problems).image.annotationLevels
      expect(levels('manifest, index')).toEqual(['manifest', 'index'])
      expect(problems.all).toEqual([])
      levels('manifst')
      readShortShaLength({DOCKER_METADATA_SHORT_SHA_LENGTH: '0'}, problems)
      expect(problems.all.map(formatProblem)).toEqual([
        'DOCKER_METADATA_ANNOTATIONS_LEVELS: unknown level "manifst". Did you mean "manifest"?',
        expect.stringMatching(/^DOCKER_METADATA_SHORT_SHA_LENGTH: "0" .*64/),
      ])
      const head = eventOf('pull-request', {DOCKER_METADATA_PR_HEAD_SHA: '1'})
      expect(head.sha).toBe(head.pull?.headSha)
      expect(eventOf('pull-request').sha).not.toBe(head.sha)
    },
  },
  {
    name: '21: an unknown time zone is an error',
    check: () => {
      expect(problemsOf(["type=raw,value={{date 'YYYY' tz='Mars/Base'}}"])).toEqual([
        expect.stringMatching(/^tags, line 1, column 16: unknown time zone "Mars\/Base"/),
      ])
    },
  },
  {
    name: '22: a date needs a format, and a match without a group is the whole match',
    check: () => {
      expect(problemsOf(['type=raw,value={{date}}'])).toEqual([
        expect.stringMatching(/^tags, line 1, column 16: \{\{date\}\} /),
      ])
      const tags = [String.raw`type=semver,pattern={{version}},match=\d+\.\d+\.\d+`]
      expect(namesOf(pushOf('refs/tags/app-1.2.3'), tags)).toEqual(['1.2.3', 'latest'])
      expect(namesOf(release, [String.raw`type=match,pattern=\d.\d`])).toEqual(['1.2', 'latest'])
    },
  },
  {
    name: '23: the API is not called for facts of the payload',
    check: async () => {
      for (const name of [
        'push-default-branch',
        'push-tag',
        'pull-request',
        'release-published',
        'workflow-dispatch-tag',
      ])
        expect(missingRepositoryFacts(eventOf(name))).toEqual([])
      expect(missingRepositoryFacts(eventOf('schedule-without-repository'))).toContain('defaultBranch')
      const {called, outputs: given} = await dryRun('push-default-branch')
      expect(called).toEqual([])
      expect(given.get('tags')).toBe('user/app:x')
    },
  },
  {
    name: '24: outputs become variables of the job only on request',
    check: async () => {
      expect((await dryRun('push-default-branch')).exported).toEqual(new Map())
      const {exported} = await dryRun('push-default-branch', {DOCKER_METADATA_SET_OUTPUT_ENV: 'true'})
      expect(exported.get('DOCKER_METADATA_OUTPUT_TAGS')).toBe('user/app:x')
    },
  },
  {
    name: '25: a duplicate attribute is an error with both positions, and only raw accepts a bare word as its value',
    check: async () => {
      expect(problemsOf(['type=sha,prefix=a-,prefix=b-'])).toEqual([
        expect.stringMatching(/^tags, line 1, column 20: prefix .*\b10\b.*\b20\b/),
      ])
      expect(problemsOf(['type=raw,value=a,type=raw,value=b'])).toEqual([
        expect.stringMatching(/^tags, line 1, column 18: type .*\b1\b.*\b18\b/),
        expect.stringMatching(/^tags, line 1, column 27: value .*\b10\b.*\b27\b/),
      ])
      expect(problemsOf(['type=raw,value=a,b'])).toEqual([
        expect.stringMatching(/^tags, line 1, column 18: "b" .*"value=a,b"\.$/),
      ])
      expect(problemsOf([String.raw`type=match,pattern=\d{1,3}`])).toEqual([
        expect.stringMatching(/^tags, line 1, column 25: "3\}" has no name\./),
      ])
      const tags = 'type=raw,foo\ntype=raw,bar,priority=300\nbaz\none,two'
      expect(await referencesOf(branch, {images: 'user/app', tags})).toEqual(
        ['bar', 'foo', 'baz', 'one', 'two'].map((tag) => `user/app:${tag}`),
      )
    },
  },
  {
    name: '26: an unknown commit date is empty, and not the date of today',
    check: () => {
      const tags = ["type=raw,value=c-{{commit_date 'YYYY'}}", 'x']
      expect(namesOf(pushOf('refs/heads/main', {commitDate: '2020-02-03T04:05:06Z'}), tags)).toEqual(['c-2020', 'x'])
      expect(namesOf(main, tags)).toEqual(['x'])
      expect(skippedOf(main, tags)).toEqual([empty(1, 'commit_date', 'c-')])
    },
  },
  {
    name: '27: a problem of an expression is reported on every event, with its position',
    check: async () => {
      const tags = [
        'type=semver,pattern={{majr}}',
        "type=ref,event=tag,prefix={{branch 'x'}}",
        "type=schedule,pattern={{date 'YYYY' zone='UTC'}}",
        'type=semver,pattern={{#if tag}}x',
      ]
      expect(await evidenceOf({tags: tags.join('\n')})).toEqual([
        expect.stringMatching(/^tags, line 1, column 21: unknown expression "majr"/),
        expect.stringMatching(/^tags, line 2, column 27: \{\{branch\}\} takes no arguments/),
        expect.stringMatching(/^tags, line 3, column 23: \{\{date\}\} .*zone=/),
        expect.stringMatching(/^tags, line 4, column 21: the block \{\{#if\}\} is never closed/),
      ])
    },
  },
  {
    name: '28: braces and quotes outside an expression, and empty patterns, are refused',
    check: () => {
      for (const pattern of ['{version}', "'{{version}}'", ''])
        expect(problemsOf([`type=semver,pattern=${pattern}`])).toEqual([
          expect.stringMatching(/^tags, line 1, column 21: /),
        ])
    },
  },
  {
    name: '29: rules for versions result in tags only for Git tags (kept), except with version: auto',
    check: () => {
      const manual = pushOf('refs/heads/main', {event: 'workflow_dispatch', eventName: 'workflow_dispatch'})
      const tags = ['type=semver,pattern={{version}}']
      expect(namesOf(manual, tags)).toEqual([])
      expect(looksForCommitTags({kind: 'auto', given: false}, manual)).toBe(false)
      expect(looksForCommitTags({kind: 'auto', given: true}, manual)).toBe(true)
      const onCommit = {version: {text: 'v4.5.6', from: 'the Git tag v4.5.6 on the commit'}}
      expect(namesOf(manual, tags, onCommit)).toEqual(['4.5.6', 'latest'])
    },
  },
  {
    name: '30: an empty value counts as not written for a Git tag (kept), and the plan notes it',
    check: () => {
      const tags = ['type=semver,pattern={{version}},value=', 'x']
      expect(namesOf(release, tags)).toEqual(['1.2.3', 'x', 'latest'])
      expect(propose(release, tags).tags[0]?.notes).toEqual([
        {code: 'empty-value-replaced', from: 'the Git tag v1.2.3'},
      ])
      expect(namesOf(branch, tags)).toEqual(['x'])
      expect(skippedOf(branch, tags)).toEqual([
        {level: 'warning', line: 1, reason: {code: 'empty-attribute', attribute: 'value'}},
      ])
    },
  },
  {
    name: '31: a line without a valid tag is an error that names type=raw, and a whole reference accepts only enable',
    check: () => {
      expect(problemsOf(['feature/x'])).toEqual([expect.stringContaining('"type=raw,value=feature/x"')])
      expect(problemsOf(['user/x:1,prefix=a'])).toEqual([expect.stringContaining('unknown attribute "prefix"')])
      expect(problemsOf(['user/x:1,enable=false'])).toEqual([])
    },
  },
  {
    name: '32: build metadata is kept in the tag, or refused',
    check: () => {
      const fork = pushOf('refs/tags/v1.2.3+fork.1')
      expect(namesOf(fork, ['type=semver,pattern={{version}}'])).toEqual(['1.2.3-fork.1', 'latest'])
      expect(namesOf(fork, ['type=semver,pattern={{version}}_{{build}}'])).toEqual(['1.2.3_fork.1', 'latest'])
      expect(problemsOf(['type=semver,pattern={{major}}.{{minor}}.{{patch}}'], fork)).toEqual([
        expect.stringContaining('"+fork.1"'),
      ])
      const {problems} = propose(fork, ['type=semver,pattern={{version}}', 'type=semver,pattern={{major}}'])
      expect(problems.notices.map(formatNotice)).toEqual([expect.stringContaining('1, latest ')])
    },
  },
  {
    name: '33: a full version is exact without mutable',
    check: () => {
      const kindsOf = (rule: string): readonly string[] => propose(main, [rule]).tags.map(({role}) => role.kind)
      expect(kindsOf('type=raw,value=2.20.1')).toEqual(['release'])
      expect(kindsOf('type=raw,value=2.20.1,mutable=true')).toEqual(['newest-commit'])
      expect(kindsOf('type=raw,value=2.20.1,mutable=false')).toEqual(['release'])
    },
  },
  {
    name: '34: names such as latest follow the version of the run',
    check: () => {
      const [tag] = propose(release, ['latest']).tags
      expect(tag?.role).toMatchObject({kind: 'version-line', version: '1.2.3', level: 'all'})
    },
  },
]

test.each(differences)('$name', async ({check}) => {
  expect.hasAssertions()
  await check()
})
