/** Remedy for a registry that refers to an address that the runner or the builder cannot reach. */
export const namedAddressRemedy =
  'Check that this runner and its builder can reach that address. If it is an internal address, set the public one in the registry (`externalURL` of Harbor, `http.host` and `auth.token.realm` of distribution), or let the proxy in front of the registry forward `X-Forwarded-Host` and `X-Forwarded-Proto`.'
