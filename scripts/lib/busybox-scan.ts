/**
 * Scanner of the scene with a scan: a command of the input `scan` (docs/scanning.md). It reads the layers of `$IMAGE`,
 * compares the version of Busybox in them with what is known about it, and writes SARIF to `$SCAN_OUTPUT`.
 */
import {writeFile} from 'node:fs/promises'
import {gunzipSync} from 'node:zlib'
import {parseManifest} from '../../src/oci/manifest.ts'

/** Vulnerabilities of a version, with their scores (https://nvd.nist.gov/). */
const known: Readonly<
  Record<string, readonly {readonly id: string; readonly score: string; readonly fixed: string}[]>
> = {
  '1.35.0': [
    {id: 'CVE-2022-28391', score: '8.8', fixed: 'not fixed'},
    {id: 'CVE-2022-30065', score: '7.8', fixed: '1.36.0'},
  ],
}

async function main(): Promise<void> {
  const {IMAGE = '', SCAN_OUTPUT = ''} = process.env
  const version = await busyboxVersion(IMAGE)
  const found = known[version] ?? []
  const rules = found.map(({id, score, fixed}) => ({
    id,
    helpUri: `https://nvd.nist.gov/vuln/detail/${id}`,
    properties: {purl: `pkg:generic/busybox@${version}`, fixed_version: fixed, 'security-severity': score},
  }))
  const driver = {name: 'busybox-scan', version: '1.0', rules}
  const results = found.map(({id}) => ({ruleId: id, message: {text: id}}))
  await writeFile(SCAN_OUTPUT, JSON.stringify({version: '2.1.0', runs: [{tool: {driver}, results}]}))
}

/** Version of Busybox in an image of a registry on this machine. @throws Error if it has none. */
async function busyboxVersion(image: string): Promise<string> {
  const [, host = '', name = '', digest = ''] = /^([^/]+)\/([^@]+)@(.+)$/.exec(image) ?? []
  const get = async (path: string): Promise<Response> => {
    const accept = 'application/vnd.oci.image.manifest.v1+json'
    const response = await fetch(`http://${host}/v2/${name}/${path}`, {headers: {accept}})
    if (!response.ok) throw new Error(`${path}: ${response.status}`)
    return response
  }
  const manifest = parseManifest(await (await get(`manifests/${digest}`)).bytes())
  for (const layer of manifest?.kind === 'manifest' ? manifest.layers : []) {
    const content = gunzipSync(await (await get(`blobs/${layer.digest}`)).arrayBuffer())
    const [, version] = /BusyBox v([0-9.]+) /.exec(content.toString('latin1')) ?? []
    if (version !== undefined) return version
  }
  throw new Error(`${image} has no Busybox`)
}

await main()
