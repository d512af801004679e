import {readFileSync} from 'node:fs'
import path from 'node:path'
import {deflateRawSync} from 'node:zlib'
import {createMarkdownRenderer, type SiteConfig} from 'vitepress'
import {comparison} from '../../scripts/site/landing.ts'

/** What the landing page shows of the README: both examples as HTML, and the number of their lines. */
export interface LandingData {
  readonly before: string
  readonly after: string
  readonly start: string
  readonly beforeLines: number
  readonly afterLines: number
  /** Fragment with which the playground converts the example. */
  readonly convert: string
}

declare const data: LandingData
export {data}

/** State of the playground as its address has it: JSON, compressed, in the URL-safe alphabet of Base64. */
function fragment(state: object): string {
  return `#1.${deflateRawSync(JSON.stringify(state)).toString('base64url')}`
}

const readme = path.resolve(import.meta.dirname, '..', '..', 'README.md')

export default {
  watch: [readme],
  async load(): Promise<LandingData> {
    const config = (globalThis as unknown as {readonly VITEPRESS_CONFIG: SiteConfig}).VITEPRESS_CONFIG
    const md = await createMarkdownRenderer(config.srcDir, config.markdown, config.site.base, config.logger)
    const text = readFileSync(readme, 'utf8')
    const {before, after, beforeLines, afterLines} = comparison(text)
    const [, start = ''] = /```yaml\n(name: publish\n.*?)\n```/s.exec(text) ?? []
    const block = (yaml: string): string => md.render(`\`\`\`yaml\n${yaml}\n\`\`\``)
    return {
      before: block(before),
      after: block(after),
      start: block(start),
      beforeLines,
      afterLines,
      convert: fragment({view: 'convert', convert: before}),
    }
  },
}
