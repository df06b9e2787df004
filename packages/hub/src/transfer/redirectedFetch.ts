/** GET that follows redirects itself: the token goes to the Hub only, and nobody is sent into a private network. */

import { isIP } from "node:net"
import type { HubConnection } from "../connection.ts"
import { expiredAddress, HubError } from "../hubError.ts"

const mostRedirects = 8

const privateAddress =
  /^(?:0\.|10\.|127\.|169\.254\.|192\.168\.|172\.(?:1[6-9]|2\d|3[01])\.|100\.(?:6[4-9]|[7-9]\d|1[01]\d|12[0-7])\.)/

function isPrivate(host: string): boolean {
  const name = host.replace(/^\[|\]$/g, "")
  if (isIP(name) === 6) return /^(?:::|f[cd]|fe[89ab]|::ffff:)/i.test(name)
  return name === "localhost" || name.endsWith(".localhost") || (isIP(name) === 4 && privateAddress.test(name))
}

/** @throws HubError for a redirect from an encrypted Hub to anything but an encrypted public address */
function checkRedirect(endpoint: URL, next: URL): void {
  const worse = endpoint.protocol === "https:" && next.protocol !== "https:"
  const inward = !isPrivate(endpoint.hostname) && isPrivate(next.hostname)
  if (worse || inward || !/^https?:$/.test(next.protocol))
    throw new HubError("refused", `The Hub sends the download to ${next.origin}, which is not followed for safety.`)
}

/**
 * @returns the last answer, of any status that is no redirect
 * @throws HubError `expired` where the storage refuses the address to which the Hub sent: the Hub gives a new one
 */
export async function redirectedFetch(
  { endpoint, token }: HubConnection,
  address: string,
  headers: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<Response> {
  const home = new URL(endpoint)
  let url = new URL(address)
  for (let redirects = 0; redirects <= mostRedirects; redirects += 1) {
    const authorised = token !== undefined && url.origin === home.origin
    const response = await fetch(url, {
      redirect: "manual",
      signal,
      // Compressed, the bytes would not be those that ranges count.
      headers: { "accept-encoding": "identity", ...headers, ...(authorised && { authorization: `Bearer ${token}` }) },
    })
    if (response.status === 403 && url.origin !== home.origin) {
      await response.body?.cancel()
      throw expiredAddress(`downloading ${decodeURIComponent(new URL(address).pathname.slice(1))}`)
    }
    const location = response.headers.get("location")
    if (response.status < 300 || response.status >= 400 || location === null) return response
    await response.body?.cancel()
    url = new URL(location, url)
    checkRedirect(home, url)
  }
  throw new HubError("refused", `The Hub redirects ${new URL(address).pathname} in a circle.`)
}
