import type {LogLine} from '../lib/step-log.ts'
import {escapeHtml, page} from './page.ts'

/** One step in the log view of a finished job: groups are closed, and every line has its number. */
export function logPage(
  {title, hasFailed}: {readonly title: string; readonly hasFailed: boolean},
  lines: readonly LogLine[],
): string {
  const rows = lines.flatMap((line, index) => (line.isGrouped ? [] : [row(line, index + 1)]))
  return page({
    head: style,
    body: `<section>\n<header>${chevron}${hasFailed ? cross : check}<b>${escapeHtml(title)}</b></header>\n${rows.join('\n')}\n</section>`,
  })
}

function row({kind, text}: LogLine, number: number): string {
  const label = kind === 'group' ? triangle : kind === 'text' ? '' : `<b>${labels[kind]}:</b> `
  return `<div class="${kind}"><span>${number}</span><p>${label}${escapeHtml(text)}</p></div>`
}

const labels = {notice: 'Notice', warning: 'Warning', error: 'Error'} as const

/** Octicons of Primer (MIT): triangle-right, chevron-down, check-circle-fill, x-circle-fill. */
const triangle = `<svg width="16" height="16" viewBox="0 0 16 16"><path d="m6.427 4.427 3.396 3.396a.25.25 0 0 1 0 .354l-3.396 3.396A.25.25 0 0 1 6 11.396V4.604a.25.25 0 0 1 .427-.177Z"/></svg>`
const chevron = `<svg width="16" height="16" viewBox="0 0 16 16"><path d="M12.78 5.22a.749.749 0 0 1 0 1.06l-4.25 4.25a.749.749 0 0 1-1.06 0L3.22 6.28a.749.749 0 1 1 1.06-1.06L8 8.939l3.72-3.719a.749.749 0 0 1 1.06 0Z"/></svg>`
const check = `<svg width="16" height="16" viewBox="0 0 16 16"><path d="M8 16A8 8 0 1 1 8 0a8 8 0 0 1 0 16Zm3.78-9.72a.751.751 0 0 0-.018-1.042.751.751 0 0 0-1.042-.018L6.75 9.19 5.28 7.72a.751.751 0 0 0-1.042.018.751.751 0 0 0-.018 1.042l2 2a.75.75 0 0 0 1.06 0Z"/></svg>`

const cross = `<svg class="failed" width="16" height="16" viewBox="0 0 16 16"><path d="M2.343 13.657A8 8 0 1 1 13.658 2.343 8 8 0 0 1 2.343 13.657ZM6.03 4.97a.751.751 0 0 0-1.042.018.751.751 0 0 0-.018 1.042L6.94 8 4.97 9.97a.749.749 0 0 0 .326 1.275.749.749 0 0 0 .734-.215L8 9.06l1.97 1.97a.749.749 0 0 0 1.275-.326.749.749 0 0 0-.215-.734L9.06 8l1.97-1.97a.749.749 0 0 0-.326-1.275.749.749 0 0 0-.734.215L8 6.94Z"/></svg>`

const style = `<style>
body { background: #0d1117; color: #f0f6fc; font: 14px/20px -apple-system, "Segoe UI", "Noto Sans", Helvetica, Arial, sans-serif }
section { padding: 8px 8px 16px }
header { align-items: center; background: #212830; border-radius: 6px; display: flex; gap: 8px; margin-bottom: 4px; padding: 8px 12px }
header b { font-weight: 600 }
svg { fill: #9198a1; flex: none }
svg.failed { fill: #f85149 }
div { display: flex; font: 12px/20px ui-monospace, SFMono-Regular, "SF Mono", Menlo, Consolas, "Liberation Mono", monospace }
span { color: #9198a1; flex: none; padding-right: 16px; text-align: right; width: 56px }
p { margin: 0; overflow-wrap: anywhere; white-space: pre-wrap }
p svg { margin: 0 4px -3px -4px }
.notice { background: #388bfd26 }
.warning { background: #bb800926 }
.warning b { color: #d29922 }
.error { background: #f8514926 }
.error b { color: #f85149 }
</style>`
