/** Addresses that a server may call on somebody's behalf: public ones, so that nobody reaches what is behind its walls. */

import { lookup } from "node:dns/promises"
import { BlockList, isIP } from "node:net"

// Two lists: one would take every IPv4 address for one of the IPv6 range that maps them.
const blocked4 = new BlockList()
const blocked6 = new BlockList()
const ranges4 = [
  ["0.0.0.0", 8],
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  ["169.254.0.0", 16],
  ["172.16.0.0", 12],
  ["192.0.0.0", 24],
  ["192.0.2.0", 24],
  ["192.88.99.0", 24],
  ["192.168.0.0", 16],
  ["198.18.0.0", 15],
  ["198.51.100.0", 24],
  ["203.0.113.0", 24],
  ["224.0.0.0", 4],
  ["240.0.0.0", 4],
] as const
// Loopback, mapped and translated IPv4, discard, documentation, unique local, link local, multicast, 6to4, Teredo.
const ranges6 = [
  ["::", 96],
  ["::ffff:0:0", 96],
  ["64:ff9b::", 96],
  ["64:ff9b:1::", 48],
  ["100::", 64],
  ["2001::", 32],
  ["2001:db8::", 32],
  ["2002::", 16],
  ["fc00::", 7],
  ["fe80::", 10],
  ["ff00::", 8],
] as const
for (const [address, bits] of ranges4) blocked4.addSubnet(address, bits, "ipv4")
for (const [address, bits] of ranges6) blocked6.addSubnet(address, bits, "ipv6")

export const isPublic = (address: string): boolean => {
  const family = isIP(address)
  if (family === 0) return false
  return family === 6 ? !blocked6.check(address, "ipv6") : !blocked4.check(address, "ipv4")
}

export type ResolvedAddress = { readonly url: URL; readonly address: string; readonly family: 4 | 6 }

/** @throws Error with one sentence. The caller connects to `address`, so that the name cannot mean another one by then. */
export async function resolvePublic(text: string, allowPrivate: boolean): Promise<ResolvedAddress> {
  const url = URL.parse(text)
  if (url === null || (url.protocol !== "https:" && url.protocol !== "http:"))
    throw new Error(`${JSON.stringify(text)} is no http or https address.`)
  if (url.username !== "" || url.password !== "")
    throw new Error("An address with a user name or password in it is not accepted.")
  const host = url.hostname.replace(/^\[|\]$/g, "")
  const found = await lookup(host, { all: true }).catch(() => [])
  if (found.length === 0) throw new Error(`The host ${host} is not known.`)
  if (!allowPrivate && found.some(({ address }) => !isPublic(address)))
    throw new Error(`${host} is not a public address; FJORD_ALLOW_PRIVATE_WEBHOOKS=1 on the server allows it.`)
  const [first] = found
  if (first === undefined) throw new Error(`The host ${host} is not known.`)
  return { url, address: first.address, family: first.family === 6 ? 6 : 4 }
}

export async function addressProblem(text: string, allowPrivate: boolean): Promise<string | undefined> {
  try {
    await resolvePublic(text, allowPrivate)
    return undefined
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}
