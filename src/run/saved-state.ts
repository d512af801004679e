/** Names of the state that a run saves for its post step, which removes what a killed run could not. */
export const homeState = 'home'
export const markerState = 'marker'
export const bakeState = 'bake'
export const builderState = 'builder'

/** Names of what a run makes in the temporary directory of the runner: each prefix with a UUID behind it. */
export const homePrefix = 'tagboat-'
export const bakePrefix = 'tagboat-bake-'
