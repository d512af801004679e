import {describe, expect, test} from '@jest/globals'
import {isTag} from '../../src/oci/reference.ts'
import {sanitizeTag} from '../../src/tags/sanitize.ts'
import {handlebarsEngine} from '../../src/tags/templates/handlebars.ts'
import {
  needsFullEngine,
  plainEngine,
  TemplateProblem,
  type TemplateEngine,
  type TemplateValues,
} from '../../src/tags/templates/template.ts'
import {hostileName} from '../../testing/hostile.ts'
import {propose, pushOf} from '../../testing/plans.ts'
import fc from '../../testing/properties.ts'
import {times} from '../../testing/rounds.ts'

const maxLength = fc.integer({min: 8, max: 128})
const maxLengthWithEnvironment = fc.integer({min: 16, max: 128})

describe('sanitizeTag', () => {
  test('returns a valid tag within the limit', () => {
    fc.assert(
      fc.property(hostileName, maxLength, (text, max) => {
        const {tag} = sanitizeTag(text, max)
        expect(isTag(tag)).toBe(true)
        expect(tag.length).toBeLessThanOrEqual(max)
      }),
    )
  })

  test('does not change a valid tag', () => {
    fc.assert(
      fc.property(hostileName, maxLength, (text, max) => {
        const once = sanitizeTag(text, max).tag
        expect(sanitizeTag(once, max)).toEqual({tag: once, lossy: false, hashed: false})
      }),
    )
  })

  test('shortens different texts to different tags', () => {
    fc.assert(
      fc.property(
        fc.string({minLength: 129, maxLength: 200}),
        fc.string({minLength: 1, maxLength: 20}),
        (text, more) => {
          const long = `a${text.replace(/[^A-Za-z0-9]/g, 'x')}`
          expect(sanitizeTag(long, 40).tag).not.toBe(sanitizeTag(`${long}${more}`, 40).tag)
        },
      ),
    )
  })
})

describe('proposals for any branch or tag', () => {
  test('are valid, unique, and within the maximum length', () => {
    fc.assert(
      fc.property(
        hostileName,
        fc.constantFrom('heads', 'tags'),
        maxLengthWithEnvironment,
        fc.constantFrom('', 'prod'),
        (name, kind, max, environment) => {
          const {names, problems} = propose(pushOf(`refs/${kind}/${name}`), [], {maxTagLength: max, environment})
          expect(problems.all).toEqual([])
          expect(names.every(isTag)).toBe(true)
          expect(names.every((tag) => tag.length <= max)).toBe(true)
          expect(new Set(names).size).toBe(names.length)
        },
      ),
      {numRuns: times(300)},
    )
  })
})

describe('proposals of any rules', () => {
  const rules = fc.shuffledSubarray(
    [
      'type=ref,event=branch',
      'type=ref,event=branch,prefix=p-,suffix={{branch}}',
      'type=ref,event=tag',
      'type=raw,value={{branch}}{{tag}}',
      'type=raw,value=x-{{branch}}-y',
      'type=semver,pattern={{version}}',
      'type=match,pattern=.+',
      'type=raw,"value=$(id)`;"',
      'type=sha',
      'a',
    ],
    {minLength: 1, maxLength: 4},
  )

  test('are valid and unique, also with a variant and an environment', () => {
    fc.assert(
      fc.property(
        fc.oneof(hostileName, fc.constantFrom('v1.2.3', 'a', 'A', 'a/')),
        fc.constantFrom('heads', 'tags'),
        rules,
        fc.record({
          environment: fc.constantFrom('', 'prod'),
          isDefaultVariant: fc.boolean(),
          uniqueBranchTags: fc.boolean(),
          maxTagLength: fc.integer({min: 32, max: 128}),
        }),
        (name, kind, tags, options) => {
          const context = pushOf(`refs/${kind}/${name}`)
          const {names, problems} = propose(context, tags, {...options, variant: 'alpine'})
          expect(problems.all).toEqual([])
          expect(names.filter((tag) => !isTag(tag) || tag.length > options.maxTagLength)).toEqual([])
          expect(new Set(names).size).toBe(names.length)
        },
      ),
      {numRuns: times(300)},
    )
  })
})

describe('rules with no effect', () => {
  const rules = fc.uniqueArray(
    fc.constantFrom(
      'type=ref,event=branch',
      'type=ref,event=tag',
      'type=raw,value={{branch}}{{tag}}',
      'type=raw,value={{#if tag}}{{tag}}{{else}}-{{branch}}{{/if}}',
      'type=raw,value={{tag}},suffix=-x',
      'type=raw,value=prod',
      'type=semver,pattern={{version}},match=v(.*)',
      'type=semver,pattern={{major}},match=nothing',
      'type=semver,pattern={{version}},value=',
      'type=pep440,pattern={{version}},priority=1000',
      'type=match,pattern=v.*',
      'type=calver,pattern=YYYY.MM.MICRO',
      'type=env',
      'type=sha,enable={{is_default_branch}}',
      'latest',
    ),
    {minLength: 1},
  )

  test('are reported as skipped, and all others have a tag', () => {
    fc.assert(
      fc.property(
        fc.oneof(hostileName, fc.constantFrom('v1.2.3', 'main', 'prod', '_int', 'v2.0.0-rc.1')),
        fc.constantFrom('heads', 'tags'),
        rules,
        fc.constantFrom('', 'prod'),
        (name, kind, tags, environment) => {
          const {tags: proposed, skipped} = propose(pushOf(`refs/${kind}/${name}`), tags, {environment})
          const effective = new Set(proposed.map(({source}) => source.text))
          const none = new Set(skipped.map(({source}) => source.text))
          expect(tags.filter((text) => effective.has(text) === none.has(text))).toEqual([])
          if (environment !== '' && tags.includes('type=env')) expect(effective).toContain('type=env')
        },
      ),
      {numRuns: times(200)},
    )
  })
})

describe('the two template engines', () => {
  const values: TemplateValues = new Map<string, string | (() => string)>([
    ['branch', 'feature/a&b'],
    ['tag', ''],
    ['sha', () => '860c190'],
  ])
  const piece = fc.oneof(
    fc.constantFrom('{{branch}}', '{{ tag }}', '{{sha}}', '{{nope}}', '{{{branch}}}', '{', '}', '\\', '{{', '}}', '-'),
    fc.string({unit: 'grapheme-ascii', maxLength: 5}),
  )

  function outcome(engine: TemplateEngine, text: string): unknown {
    try {
      const {text: rendered, emptyNames, filled} = engine.render(text, values)
      return {rendered, filled, emptyNames: [...new Set(emptyNames)]}
    } catch (error) {
      if (!(error instanceof TemplateProblem)) throw error
      return error.unknownName
    }
  }

  test('agree on all texts for the plain engine', () => {
    fc.assert(
      fc.property(fc.array(piece, {maxLength: 6}), (pieces) => {
        const text = pieces.join('')
        fc.pre(!needsFullEngine(text))
        expect(outcome(plainEngine, text)).toEqual(outcome(handlebarsEngine, text))
      }),
    )
  })

  test.each(['{{{branch}}}', '\\{{branch}}', '{{branch}}}', '{{{branch}}', "{{date 'YYYY'}}"])(
    '%s is for the full one',
    (text) => {
      expect(needsFullEngine(text)).toBe(true)
    },
  )
})
