/** Rows, notifications and files: the only package that knows Prisma and Postgres. */

export { type Database, type DatabaseOrTransaction, openDatabase } from "./client.ts"
export { type PostgresOptions, type RunningPostgres, startPostgres } from "./embeddedPostgres.ts"
