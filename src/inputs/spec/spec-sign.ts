import type {InputSpec, InputText} from './spec-row.ts'

/** Inputs that decide who signs an image, and how. */
export const signSpecs = {
  sign: {form: 'items', words: ['keyless', 'key']},
  'sign-key': {form: 'text', secret: true},
  'sign-key-password': {form: 'text', secret: true},
  'sign-format': {form: 'choice', choices: ['both', 'bundle', 'signature-tag'], default: 'both'},
  'sign-platforms': {form: 'boolean', default: 'true'},
  'sign-log': {form: 'choice', choices: ['auto', 'public', 'none'], default: 'auto'},
  'sigstore-config': {form: 'text'},
  'github-attestation': {form: 'choice', choices: ['false', 'true', 'required'], default: 'false'},
} as const satisfies Readonly<Record<string, InputSpec>>

/** Texts of `signSpecs` for the documentation. */
export const signTexts: Readonly<Record<keyof typeof signSpecs, InputText>> = {
  sign: {
    description:
      'Sign the image before its tags move: `keyless`, with the identity of the job (`id-token: write`), or `key`, with the key in `sign-key`. The signatures are those of cosign.',
    fallback: 'not signed',
  },
  'sign-key': {
    description:
      'Private key for `sign: key`: the text of `cosign.key`, or a key in PEM (PKCS 8). ECDSA P-256, Ed25519, or RSA of 2048, 3072 or 4096 bits.',
  },
  'sign-key-password': {description: 'Password of `sign-key`.'},
  'sign-format': {
    description:
      'Format of the signatures: `bundle` for cosign 3 (a referrer of the image), `signature-tag` for cosign 2, Podman and CRI-O (a tag `sha256-….sig`), or `both`.',
  },
  'sign-platforms': {description: 'Sign all platforms of the image, as well as the index.'},
  'sign-log': {
    description:
      'Transparency log for `sign: keyless`. `auto` writes to the log, and refuses to publish the name of a private repository; `public` allows it; `none` writes nothing, and a timestamp shows when the image was signed. The public authority publishes each certificate, so that a private repository needs `public` or its own instance there.',
  },
  'sigstore-config': {
    fallback: 'the public instance of Sigstore',
    description: 'Path of a file `signing_config.json` with the services of your own instance. Needs `sigstore-trust`.',
  },
  'github-attestation': {
    description:
      'Store the signed provenance of the workflow run at GitHub, for `gh attestation verify` (`id-token: write`, `attestations: write`): `true`, with a warning if that fails, or `required`, before the tags move.',
  },
}
