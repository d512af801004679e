import type {ConvertView} from './convert/view.ts'
import {planView} from './plan/view.ts'
import {formatAddress, parseAddress} from './state/address.ts'
import {convertExample, examples} from './state/examples.ts'
import type {PageState} from './state/state.ts'
import {announce} from './ui/announce.ts'
import {byId} from './ui/element.ts'
import {tabs} from './ui/tabs.ts'
import {themeSwitch} from './ui/theme.ts'
import {Planner} from './worker/planner.ts'

/** State of an address without a fragment. */
const initial: PageState = {
  view: 'plan',
  text: examples[0].text,
  event: 'version',
  typed: {},
  repository: '',
  defaultBranch: '',
  registry: '',
  values: [],
  convert: convertExample,
  crlf: false,
}

/** Time without a change before the address is written, in milliseconds. */
const settleMs = 250

async function main(): Promise<void> {
  themeSwitch()
  const fragment = location.hash
  let state = (await parseAddress(fragment, initial)) ?? initial
  if (fragment.length > 1 && state === initial) showNote(unreadable + 'This is the example.')
  const planner = new Planner()
  const change = (changed: Partial<PageState>): void => {
    show({...state, ...changed})
    writeLater(() => state)
  }
  const views = tabs(byId('views', HTMLElement), (id) => {
    change({view: id === 'view-convert' ? 'convert' : 'plan'})
  })
  const plan = planView(state, planner, change)
  let convert: Promise<ConvertView> | undefined
  const show = (next: PageState): void => {
    state = next
    const isPlan = state.view === 'plan'
    views.select(isPlan ? 'view-plan' : 'view-convert')
    byId('panel-plan', HTMLElement).hidden = !isPlan
    byId('panel-convert', HTMLElement).hidden = isPlan
    if (isPlan) {
      plan.show(state)
      return
    }
    convert ??= import('./convert/view.ts').then(({convertView}) => {
      showNote(usualNote)
      return convertView(planner, change)
    })
    convert.then(
      (view) => {
        view.show(state)
      },
      () => {
        // The next choice of the view loads it again.
        convert = undefined
        showNote('The converter could not be loaded. Choose Convert again once there is a network, or reload the page.')
      },
    )
  }
  show(state)
  shareButton(() => state)
  addEventListener('hashchange', () => {
    void parseAddress(location.hash, initial).then((linked) => {
      if (linked === undefined && location.hash.length > 1) showNote(unreadable + 'The page stays as it was.')
      else show(linked ?? initial)
    })
  })
  keepOffline()
}

const unreadable = 'This link is not complete, or of another version of this page. '

const usualNote = byId('foot-note', HTMLElement).textContent

/** Shows a text at the foot of the page. Screen readers announce a problem at once. */
function showNote(text: string): void {
  const note = byId('foot-note', HTMLElement)
  if (text === usualNote) note.removeAttribute('role')
  else note.setAttribute('role', 'alert')
  note.textContent = text
}

let pendingWrite: ReturnType<typeof setTimeout> | undefined

function writeLater(state: () => PageState): void {
  clearTimeout(pendingWrite)
  pendingWrite = setTimeout(() => void writeAddress(state()), settleMs)
}

async function writeAddress(state: PageState): Promise<void> {
  clearTimeout(pendingWrite)
  const fragment = await formatAddress(state, initial)
  history.replaceState(null, '', fragment === '' ? location.pathname : fragment)
}

/** Copies the address with the whole state. */
function shareButton(state: () => PageState): void {
  const button = byId('share', HTMLButtonElement)
  const label = button.querySelector('span')
  const text = label?.textContent ?? ''
  let reset: ReturnType<typeof setTimeout> | undefined
  const said = (result: string): void => {
    announce(result)
    if (label !== null) label.textContent = result
    clearTimeout(reset)
    reset = setTimeout(() => {
      if (label !== null) label.textContent = text
    }, 2500)
  }
  button.addEventListener('click', () => {
    void writeAddress(state())
      .then(async () => navigator.clipboard.writeText(location.href))
      .then(
        () => {
          said('Copied')
        },
        () => {
          said('See the address')
        },
      )
  })
}

/** Keeps the page for use without a network, where the browser can. */
function keepOffline(): void {
  if ('serviceWorker' in navigator) navigator.serviceWorker.register('./service-worker.js').catch(() => undefined)
}

void main()
