const minuteMs = 60_000
const hourMs = 60 * minuteMs

/** Duration for readers: `0.4 s`, `12.3 s`, `2 min 5 s`, `1 h 2 min`. */
export function formatDuration(ms: number): string {
  if (ms < minuteMs - 50) return `${(ms / 1000).toFixed(1)} s`
  const seconds = Math.round(ms / 1000)
  if (ms < hourMs - 500) return withRest(Math.floor(seconds / 60), 'min', seconds % 60, 's')
  const minutes = Math.round(ms / minuteMs)
  return withRest(Math.floor(minutes / 60), 'h', minutes % 60, 'min')
}

function withRest(count: number, unit: string, rest: number, restUnit: string): string {
  return rest === 0 ? `${count} ${unit}` : `${count} ${unit} ${rest} ${restUnit}`
}
