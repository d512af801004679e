import {record, type DevTools} from './dev-tools.ts'

/** A page, the width of its window in CSS pixels, and the colour scheme that it is asked for. */
export interface Shot {
  readonly url: string
  readonly width: number
  readonly theme: 'light' | 'dark'
}

/** Pixels of a picture per CSS pixel. */
const scale = 2

/** PNG of a whole page, taken once its global promise `ready` is fulfilled. @throws Error when the page fails. */
export async function capture(browser: DevTools, {url, width, theme}: Shot): Promise<Buffer> {
  const targetId = text((await browser.send('Target.createTarget', {url: 'about:blank'}))['targetId'])
  const session = await browser.send('Target.attachToTarget', {targetId, flatten: true})
  const sessionId = text(session['sessionId'])
  const send = async (method: string, params: object): ReturnType<DevTools['send']> =>
    browser.send(method, params, sessionId)
  await send('Emulation.setDeviceMetricsOverride', {width, height: 400, deviceScaleFactor: scale, mobile: false})
  await send('Emulation.setEmulatedMedia', {features: [{name: 'prefers-color-scheme', value: theme}]})
  await send('Page.navigate', {url})
  const height = await loadedHeight(async (expression) =>
    send('Runtime.evaluate', {expression, awaitPromise: true, returnByValue: true}),
  )
  const clip = {x: 0, y: 0, width, height, scale: 1}
  const {data} = await send('Page.captureScreenshot', {format: 'png', captureBeyondViewport: true, clip})
  await browser.send('Target.closeTarget', {targetId})
  return Buffer.from(text(data), 'base64')
}

const measure = `new Promise((resolve) => {
  const loaded = () => resolve(Promise.all([window.ready, document.fonts.ready]).then(() => document.body.offsetHeight))
  if (document.readyState === 'complete' && location.protocol === 'file:') loaded()
  else addEventListener('load', loaded)
})`

async function loadedHeight(evaluate: (expression: string) => ReturnType<DevTools['send']>): Promise<number> {
  const {result, exceptionDetails} = await evaluate(measure)
  const {value} = record(result)
  if (typeof value !== 'number') throw new Error(`the page failed: ${JSON.stringify(exceptionDetails ?? result)}`)
  return value
}

function text(value: unknown): string {
  if (typeof value !== 'string') throw new Error(`Chromium sent ${typeof value} instead of a text`)
  return value
}
