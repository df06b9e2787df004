/** Failures that people cause and can mend; they are part of the schema and the only ones whose words reach a client. */

/** What may go wrong by somebody's doing: see the subclasses for which is which. */
export abstract class ExpectedError extends Error {
  abstract readonly code: string
  abstract readonly httpStatus: number
}

/** Something given is not acceptable; `field` names which. */
export class InputError extends ExpectedError {
  readonly code = "INPUT"
  readonly httpStatus = 400
  readonly field: string | undefined

  constructor(message: string, field?: string) {
    super(message)
    this.field = field
  }
}

/** It is not there, or it belongs to a team of which the asker is no member: the two look the same on purpose. */
export class NotFoundError extends ExpectedError {
  readonly code = "NOT_FOUND"
  readonly httpStatus = 404

  constructor(what: string) {
    super(`There is no such ${what}, or it belongs to a team of which you are not a member.`)
  }
}

/** The asker is not signed in, or has too low a role. */
export class ForbiddenError extends ExpectedError {
  readonly code = "FORBIDDEN"
  readonly httpStatus = 403
}

/** The request names an API token that opens nothing. */
export class TokenRefusedError extends ExpectedError {
  readonly code = "UNAUTHENTICATED"
  readonly httpStatus = 401

  constructor() {
    super(
      "This API token is not valid: it is unknown, revoked or expired, or its user has left the team. Send `Authorization: Bearer <token>` with a token from the settings.",
    )
  }
}

/** What is asked for contradicts the present state. */
export class ConflictError extends ExpectedError {
  readonly code = "CONFLICT"
  readonly httpStatus = 409
}
