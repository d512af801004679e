import path from 'node:path'
import {pathToFileURL} from 'node:url'
import {escapeHtml, page} from './page.ts'

/**
 * The card in which GitHub shows a job's summary on the page of a workflow run. `packages` is the folder with GitHub's style
 * sheet for Markdown and a Markdown renderer.
 */
export function summaryPage(job: string, markdown: string, packages: string): string {
  const href = (file: string): string => pathToFileURL(path.join(packages, file)).href
  return page({
    head: `<link rel="stylesheet" href="${href('github-markdown-css/package/github-markdown.css')}">
${style}
<script src="${href('marked/package/lib/marked.umd.js')}"></script>`,
    body: `<section>
<header>${escapeHtml(job)} summary</header>
<article class="markdown-body"></article>
<footer>Job summary generated at run-time</footer>
</section>
<script type="text/plain" id="markdown">${escapeHtml(markdown)}</script>
${script}`,
  })
}

const style = `<style>
body { padding: 0 0 1px; background: #fff; color: #1f2328; font: 14px/1.5 -apple-system, "Segoe UI", "Noto Sans", Helvetica, Arial, sans-serif }
section { border: 1px solid #d1d9e0; border-radius: 6px; padding: 16px }
header, footer { color: #59636e; font-size: 12px }
header { margin-bottom: 16px }
footer { margin-top: 24px }
@media (prefers-color-scheme: dark) {
  body { background: #0d1117; color: #f0f6fc }
  section { border-color: #3d444d }
  header, footer { color: #9198a1 }
}
</style>`

const script = `<script>
const decoder = document.createElement('textarea')
decoder.innerHTML = document.getElementById('markdown').textContent
document.querySelector('article').innerHTML = marked.parse(decoder.value, {gfm: true})
</script>`
