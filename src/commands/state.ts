/** Names of the state that a run saves for its post step, which removes what a killed run could not. */
export const homeState = 'home'
export const markerState = 'marker'
export const bakeState = 'bake'
export const builderState = 'builder'
