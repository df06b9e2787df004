/** The only reader of environment variables in the command line. */

/** FJORD_DEBUG=1 prints the stack of an error beside its sentence. */
export const debug = (process.env.FJORD_DEBUG ?? "") !== ""
