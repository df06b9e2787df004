/** Bounds and filters of lists. */

/** The most rows of a list that has no pages. */
export const most = 200

/** A filter for text that contains the words in any letter case, or nothing to filter by. */
export const containing = (search: string | null | undefined) =>
  search ? { contains: search.trim().slice(0, 200), mode: "insensitive" as const } : undefined

/** Leaves out the keys without a value, as Prisma's filters want it. */
export function given<Values extends Record<string, unknown>>(values: Values) {
  const entries = Object.entries(values).filter(([, value]) => value !== undefined && value !== null)
  return Object.fromEntries(entries) as { [Key in keyof Values]?: NonNullable<Values[Key]> }
}
