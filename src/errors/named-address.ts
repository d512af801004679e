/** What to do where a registry names an address that cannot be used from here. */
export const namedAddressRemedy =
  'Check that this runner and its builder can reach that address. If it is an inner one, set the public one in the registry (`externalURL` of Harbor, `http.host` and `auth.token.realm` of distribution), or let the proxy in front of the registry pass on `X-Forwarded-Host` and `X-Forwarded-Proto`.'
