import {withBase, type Theme} from 'vitepress'
import DefaultTheme from 'vitepress/theme-without-fonts'
import {h, type VNode} from 'vue'
import Landing from './Landing.vue'
import NotFound from './NotFound.vue'
import './colors.css'
import './pages.css'
import './landing.css'

/** Link in the footer of a page of the documentation. The landing page has its own. */
function licences(): VNode {
  const link = h('a', {href: withBase('/licenses.txt'), target: '_self'}, 'Licences of this site')
  return h('p', {class: 'licences'}, link)
}

export default {
  extends: DefaultTheme,
  Layout: () => h(DefaultTheme.Layout, null, {'not-found': () => h(NotFound), 'doc-footer-before': licences}),
  enhanceApp({app}) {
    app.component('Landing', Landing)
  },
} satisfies Theme
