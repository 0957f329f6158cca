/**
 * Postgres writes `2026-11-22 10:00:13.601115+00`, which is not ISO 8601 and which engines read differently or not at
 * all. A zone with minutes (`+05:30`) is left as it is.
 */
export function parseTimestamptz(text: string): Date {
  return new Date(text.replace(' ', 'T').replace(/([+-]\d\d)$/, '$1:00'))
}

/**
 * The time of a new row: now, but never before the newest row that is on the page. A client clock that runs behind
 * would otherwise put a new question at the top of the list until it is synced.
 */
export function nextCreatedAt(rows: Iterable<{ created_at: Date }>, now = Date.now()): Date {
  let newest = now - 1
  for (const row of rows) newest = Math.max(newest, row.created_at.getTime())
  return new Date(newest + 1)
}
