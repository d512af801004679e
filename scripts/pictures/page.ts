/** A text in HTML. */
export function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')
}

/** A document; Chromium waits for its promise `ready`. */
export function page({head, body}: {readonly head: string; readonly body: string}): string {
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<script>window.ready = Promise.resolve()</script>
<style>* { box-sizing: border-box } body { margin: 0 }</style>
${head}
${body}
</html>
`
}
