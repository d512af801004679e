import type {InputSpec, InputText} from './spec-row.ts'

/** Inputs that demand signatures of an image that exists. */
export const verifySpecs = {
  verify: {form: 'plain-lines'},
  'verify-key': {form: 'verbatim'},
  'sigstore-trust': {form: 'text'},
} as const satisfies Readonly<Record<string, InputSpec>>

/** Texts of `verifySpecs` for the documentation. */
export const verifyTexts: Readonly<Record<keyof typeof verifySpecs, InputText>> = {
  verify: {
    description:
      'Signatures and attestations that an existing image must have before it gets tags, such as `type=signature,repository=owner/app`. Every line must hold. See [supply-chain.md](supply-chain.md#verify-before-a-promote).',
  },
  'verify-key': {
    description:
      'Public keys for `verify`: the PEM text, or the path of a file. With several keys, `NAME=` before each, which `key=NAME` in `verify` selects.',
  },
  'sigstore-trust': {
    fallback: 'the public instance of Sigstore',
    description:
      'Path of a file `trusted_root.json` with the authorities whose certificates, logs and timestamps count.',
  },
}
