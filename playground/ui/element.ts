/** Child of an element; nothing is added for `undefined`. */
export type Child = Node | string | undefined

/** Attributes by name. A function is a listener for the event of that name; `true` is an attribute without a value. */
type Attributes = Readonly<Record<string, string | boolean | undefined | ((event: Event) => void)>>

/** Creates an element. Texts are never read as HTML. */
export function element<K extends keyof HTMLElementTagNameMap>(
  name: K,
  attributes: Attributes = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[K] {
  const created = document.createElement(name)
  for (const [key, value] of Object.entries(attributes)) {
    if (typeof value === 'function') created.addEventListener(key, value)
    else if (value !== undefined && value !== false) created.setAttribute(key, value === true ? '' : value)
  }
  created.append(...children.filter((child) => child !== undefined))
  return created
}

/** Finds an element of the page. @throws Error if the page lacks it. */
export function byId<T extends HTMLElement>(id: string, type: new () => T): T {
  const found = document.getElementById(id)
  if (!(found instanceof type)) throw new Error(`the page lacks #${id}`)
  return found
}
