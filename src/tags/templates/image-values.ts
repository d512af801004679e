import type {Version} from '../tag-role.ts'
import {pep440Values} from '../versions/pep440.ts'
import {semverPieces, versionValues, wholeVersion} from '../versions/semver.ts'
import type {TemplateEngine, TemplateValues} from './template.ts'
import {anyValues, globalValues, type ValueSources} from './values.ts'

/** Expressions for labels, annotations and build arguments, besides the global ones. */
const names = [...semverPieces, 'meta.version', 'created', 'revision'] as const

type Name = (typeof names)[number]

/** Version of the run for the expressions. */
interface ImageVersion {
  /** Version that the rules of the run follow; undefined if there is none. */
  readonly ofRun: Version | undefined
  /** Output `version`: the first tag; undefined without a tag. */
  readonly firstTag: string | undefined
}

/**
 * Values of the expressions in labels, annotations and build arguments. `{{version}}` is that of the patterns of tag
 * rules; if the run has no version, it is the first tag, like `{{meta.version}}`, the name in docker/github-builder.
 */
export function imageValues(sources: ValueSources, {ofRun, firstTag = ''}: ImageVersion): TemplateValues {
  const {context, now, version} = sources
  const parts = ofRun === undefined ? new Map<string, string>() : partsOf(ofRun)
  const ofImage: Readonly<Partial<Record<Name, string>>> = {
    raw: ofRun === undefined ? '' : (version?.text ?? ofRun.version),
    version: ofRun?.version ?? firstTag,
    'meta.version': firstTag,
    created: now.toISOString(),
    revision: context.sha,
  }
  const values = names.map((name) => [name, ofImage[name] ?? parts.get(name) ?? ''] as const)
  return new Map([...globalValues(sources), ...values])
}

/** Names of these expressions with any value, to check texts before the event is read. */
export function anyImageValues(engine: TemplateEngine): TemplateValues {
  return new Map([...anyValues(engine), ...names.map((name) => [name, 'any'] as const)])
}

/** Parts of a version. A calendar or numeric version has the numbers at these places: `2026.02.0` has the minor `02`. */
function partsOf({scheme, version}: Version): ReadonlyMap<string, string> {
  if (scheme === 'pep440') return pep440Values(version) ?? new Map()
  const values = scheme === 'semver' ? versionValues(version) : undefined
  if (values !== undefined) return new Map([...values, ['version', wholeVersion(values)]])
  const [major = '', minor = '', patch = ''] = version.match(/\d+/g) ?? []
  return new Map(Object.entries({major, minor, patch}))
}
