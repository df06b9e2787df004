/** Ends the session at the server, then loads everything anew so that nothing of it stays in memory. */
export async function signOut() {
  await fetch("/api/auth/sign-out", { method: "POST", headers: { "content-type": "application/json" }, body: "{}" })
  location.assign("/sign-in")
}
