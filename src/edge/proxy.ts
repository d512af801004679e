/** This machine is never asked through a proxy, as Go's programs have it: a registry there may have no other name. */
const thisMachine = 'localhost,127.0.0.0-127.255.255.255,::1,[::1]'

/** The variables of the environment that name proxies, as Node's agents take them (`proxyEnv`). */
export function proxyVariables(variables: Readonly<Record<string, string | undefined>>): Record<string, string> {
  const either = (name: string): string =>
    [variables[name.toLowerCase()], variables[name]].find((value) => value !== undefined && value !== '') ?? ''
  const proxies = ['HTTP_PROXY', 'HTTPS_PROXY'].flatMap((name): [string, string][] => {
    const given = either(name)
    // Go takes a proxy without a scheme; Node would leave it out. An address that is none must not end the run here.
    const url = given === '' || given.includes('://') ? given : `http://${given}`
    return URL.canParse(url) ? [[name, url]] : []
  })
  const exempt = [either('NO_PROXY'), thisMachine].filter((list) => list !== '').join(',')
  return Object.fromEntries([...proxies, ['NO_PROXY', exempt]])
}
