import fc from './properties.ts'

/** Names of refs that somebody could push to harm us, besides what chance finds. */
export const hostileName: fc.Arbitrary<string> = fc.oneof(
  fc.string({unit: 'binary', minLength: 1, maxLength: 300}),
  fc.string({unit: 'grapheme', minLength: 1, maxLength: 200}),
  // Control characters, which Git refuses, and a payload may hold all the same.
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
