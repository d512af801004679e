import fc from './properties.ts'

/** Names of refs that an attacker could push, and random names. */
export const hostileName: fc.Arbitrary<string> = fc.oneof(
  fc.string({unit: 'binary', minLength: 1, maxLength: 300}),
  fc.string({unit: 'grapheme', minLength: 1, maxLength: 200}),
  // Git refuses control characters, but a payload may contain them.
  fc.string({
    unit: fc.integer({min: 0, max: 0x1f}).map((code) => String.fromCharCode(code)),
    minLength: 1,
    maxLength: 8,
  }),
  fc.constantFrom(
    '$(id)',
    '${HOME}',
    '`id`',
    '::set-output name=x::y',
    '\n::add-mask::x',
    '--push',
    '-x',
    '.hidden',
    '...',
    '---',
    'a'.repeat(300),
    'é'.repeat(300),
    '{{branch}}',
    '{{#if tag}}',
    '../..',
    '%0A::error::x',
    'latest',
    '\u202egnp.exe',
  ),
)
