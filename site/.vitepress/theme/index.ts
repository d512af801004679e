import type {Theme} from 'vitepress'
import DefaultTheme from 'vitepress/theme-without-fonts'
import {h} from 'vue'
import Landing from './Landing.vue'
import NotFound from './NotFound.vue'
import './colors.css'
import './pages.css'
import './landing.css'

export default {
  extends: DefaultTheme,
  Layout: () => h(DefaultTheme.Layout, null, {'not-found': () => h(NotFound)}),
  enhanceApp({app}) {
    app.component('Landing', Landing)
  },
} satisfies Theme
