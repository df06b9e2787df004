/** The arrays one after the other. */
export function joined(rows: readonly Float32Array[]): Float32Array {
  const whole = new Float32Array(rows.reduce((sum, row) => sum + row.length, 0))
  let offset = 0
  for (const row of rows) {
    whole.set(row, offset)
    offset += row.length
  }
  return whole
}
