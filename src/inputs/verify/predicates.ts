/** Short names of predicate types, with the types of all versions. In a type, `*` matches characters without a slash. */
export const knownPredicates: ReadonlyMap<string, readonly string[]> = new Map([
  ['slsa-provenance', ['https://slsa.dev/provenance/v0.2', 'https://slsa.dev/provenance/v1']],
  ['spdx', ['https://spdx.dev/Document', 'https://spdx.dev/Document/v*']],
  ['cyclonedx', ['https://cyclonedx.org/bom', 'https://cyclonedx.org/bom/v*']],
  ['vuln', ['https://cosign.sigstore.dev/attestation/vuln/v1', 'https://in-toto.io/attestation/vulns/v*']],
  ['openvex', ['https://openvex.dev/ns', 'https://openvex.dev/ns/v*']],
])
