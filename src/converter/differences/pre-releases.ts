import {effectivePattern, namesWholeVersion} from '../../tags/versions/semver.ts'
import {inputLinePlace, inputText, resolved, type JobModel, type JobStep} from '../job-model.ts'
import type {Remarks} from '../remark-list.ts'
import {knownLines, readFlavor} from '../rules/example-tags.ts'
import {writtenAttributes} from '../metadata/written-attributes.ts'

/** Rule for versions. */
interface VersionRule {
  readonly index: number
  readonly scheme: 'semver' | 'pep440'
  readonly pattern: string
  readonly affixes: string
  /** Adds prefix and suffix. */
  readonly affixed: (text: string) => string
}

const example = {raw: 'v1.3.0-rc.1', semver: '1.3.0-rc.1', pep440: '1.3.0rc1'}

/** Notes rules that give a pre-release other tags than in docker/metadata-action. */
export function notePrereleases(model: JobModel, meta: JobStep, remarks: Remarks): void {
  const rules = versionRules(model, meta)
  const rows = rules.map((rule) => ({rule, before: before(rule), after: after(rule, rules)}))
  const [old, current] = [distinct(rows.map((row) => row.before)), distinct(rows.map((row) => row.after))]
  const first = rows.find(
    (row) => !current.includes(row.before) || (row.after !== undefined && !old.includes(row.after)),
  )
  if (first === undefined) return
  remarks.note(
    'tags-differ',
    inputLinePlace(model, meta, {name: 'tags', index: first.rule.index}),
    `a pre-release such as ${example.raw} gave ${listed(old)}, and gives ${listed(current)}`,
    'See difference 4 in docs/migrating.md.',
  )
}

function versionRules(model: JobModel, meta: JobStep): readonly VersionRule[] {
  const flavor = readFlavor(knownLines(model, meta, 'flavor'))
  return inputText(meta, 'tags')
    .split('\n')
    .flatMap((line, index) => {
      const value = writtenAttributes(resolved(line.trim(), model.env))?.value ?? (() => undefined)
      const scheme = (['semver', 'pep440'] as const).find((one) => one === value('type'))
      const pattern = value('pattern') ?? '{{version}}'
      const hasVersion = value('value') !== undefined || runsForVersions(model)
      if (scheme === undefined || value('enable') === 'false' || pattern.includes('${{') || !hasVersion) return []
      const [prefix, suffix] = [value('prefix') ?? flavor.prefix, value('suffix') ?? flavor.suffix]
      return [
        {index, scheme, pattern, affixes: `${prefix}|${suffix}`, affixed: (text: string) => prefix + text + suffix},
      ]
    })
}

/** Reports whether a run may be for a Git tag. */
function runsForVersions({workflow: {on}}: JobModel): boolean {
  const push = on.get('push')
  const isForTags = push !== undefined && (push.tags !== undefined || push.tagsIgnore !== undefined)
  const isForBranches = push !== undefined && (push.branches !== undefined || push.branchesIgnore !== undefined)
  const others = ['release', 'create', 'workflow_dispatch', 'workflow_call', 'registry_package', 'workflow_run']
  return on.size === 0 || isForTags || (push !== undefined && !isForBranches) || others.some((name) => on.has(name))
}

/** Tag of docker/metadata-action: the whole version, unless the pattern is `{{raw}}`. */
function before({scheme, pattern, affixed}: VersionRule): string {
  return affixed(/^\{\{\s*raw\s*\}\}$/.test(pattern) ? example.raw : example[scheme])
}

/** Tag of Tagboat; undefined if another rule gives the whole version. */
function after({scheme, pattern, affixes, affixed}: VersionRule, all: readonly VersionRule[]): string | undefined {
  const isWhole = namesWholeVersion(pattern)
  if (!isWhole && all.some((one) => one.affixes === affixes && namesWholeVersion(one.pattern))) return undefined
  const values: Readonly<Record<string, string>> = {raw: example.raw, version: example[scheme], major: '1', minor: '3'}
  const text = effectivePattern(pattern, true)
  return affixed(text.replaceAll(/\{\{\s*(\w+)\s*\}\}/g, (whole, name: string) => values[name] ?? whole))
}

function distinct(texts: readonly (string | undefined)[]): readonly string[] {
  return [...new Set(texts)].filter((text) => text !== undefined)
}

function listed(tags: readonly string[]): string {
  return tags.map((tag) => `\`${tag}\``).join(', ')
}
