export const root: string
export function npm(args: readonly string[], options?: object): number
export function install(): string
