import {byId} from './element.ts'

/** Colours of the page: those of the system, or one of two. */
type Theme = 'system' | 'light' | 'dark'

const key = 'tagboat-theme'
const titles: Readonly<Record<Theme, string>> = {system: 'as the system', light: 'light', dark: 'dark'}

/** Makes the button for the theme work. The script in the head of the page has applied the stored choice. */
export function themeSwitch(): void {
  const button = byId('theme', HTMLButtonElement)
  const show = (theme: Theme): void => {
    const text = `Colours: ${titles[theme]}`
    button.setAttribute('aria-label', text)
    button.title = text
  }
  show(current())
  button.addEventListener('click', () => {
    const next = following(current())
    if (next === 'system') delete document.documentElement.dataset['theme']
    else document.documentElement.dataset['theme'] = next
    show(next)
    store(next)
  })
}

/** Next theme: first the one that the system does not have, then the other one. */
function following(theme: Theme): Theme {
  const system = matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light'
  const other = system === 'dark' ? 'light' : 'dark'
  return theme === 'system' ? other : theme === other ? system : 'system'
}

function current(): Theme {
  const {theme} = document.documentElement.dataset
  return theme === 'light' || theme === 'dark' ? theme : 'system'
}

/** Stores a choice in the browser. A browser that keeps nothing starts with the colours of the system. */
function store(theme: Theme): void {
  try {
    if (theme === 'system') localStorage.removeItem(key)
    else localStorage.setItem(key, theme)
  } catch {
    // The choice lasts as long as the page.
  }
}
