import {describe, expect, test} from '@jest/globals'
import {isReferrerTag, referrersTag, withoutKind} from '../../../src/oci/referrers-tag.ts'

const hex = '0a'.repeat(32)

describe('referrersTag', () => {
  test.each([
    {digest: `sha256:${hex}`, tag: `sha256-${hex}`},
    {digest: `sha512:${hex}${hex}`, tag: `sha512-${hex}`},
    {digest: `${'a'.repeat(40)}:x=y`, tag: `${'a'.repeat(32)}-x-y`},
    {digest: 'multi+base:x', tag: 'multi-base-x'},
  ])('of $digest', ({digest, tag}) => {
    expect(referrersTag(digest)).toBe(tag)
  })
})

describe('isReferrerTag', () => {
  test.each([`sha256-${hex}`, `sha512-${hex}`, `sha256-${hex}.sig`, `sha256-${hex}.att`, `sha256-${hex}.sbom`])(
    '%s',
    (tag) => {
      expect(isReferrerTag(tag)).toBe(true)
      expect(withoutKind(tag)).toBe(tag.split('.')[0])
    },
  )

  test.each(['1.2.3', `sha-${hex}`, `sha256-${hex}0`, `sha256-${hex}.sig2`, `x-sha256-${hex}`, `sha256-${hex}.asc`])(
    'not %s',
    (tag) => {
      expect(isReferrerTag(tag)).toBe(false)
    },
  )
})
