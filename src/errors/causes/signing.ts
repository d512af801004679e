/** Failures of signatures and attestations. Few runs load this table. */
export const signingCauses = {
  'sign-key-invalid': 'The signing key cannot be used.',
  'sign-key-password': 'The signing key is encrypted, and the password does not decrypt it.',
  'sign-format-retired': 'Docker Content Trust (Notary v1) is retired: its server ends on 8 December 2026.',
  'signature-not-kept': 'A registry does not show a signature that was sent to it.',
  'sign-identity-missing': 'This job may not request the identity token with which it would sign.',
  'sign-log-public': 'A keyless signature would publish the name of this private repository in public logs, for ever.',
  'sign-refused': 'A signing service refused a request.',
  'sign-unavailable': 'A signing service did not respond.',
  'attestation-denied': 'GitHub does not accept attestations of this job.',
  'attestation-failed': 'GitHub did not store the attestation.',
  'attestation-too-large': 'The attestation is larger than GitHub accepts.',
  'signature-missing': 'The image does not have the signature or attestation that `verify` demands.',
  'signature-untrusted': 'The image is signed, but not by a signer that `verify` allows.',
} as const
