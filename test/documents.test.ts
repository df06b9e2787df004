/** What the documents tell a reader to open or to type is there. */

import assert from "node:assert/strict"
import { spawnSync } from "node:child_process"
import { existsSync, globSync, readFileSync } from "node:fs"
import { dirname, join, resolve } from "node:path"
import { test } from "node:test"

const root = join(import.meta.dirname, "..")
const documents = globSync(["README.md", "docs/**/*.md", "bench/*.md", "packages/*/*.md", "packages/*/model/*.md"], {
  cwd: root,
  exclude: (name) => name.includes("node_modules"),
}).map((file) => ({ file, text: readFileSync(join(root, file), "utf8") }))

/** As GitHub makes them: lower case, spaces to hyphens, everything else but letters, digits and hyphens gone. */
function anchorsOf(text: string): Set<string> {
  const headings = text.replace(/^```[\s\S]*?^```/gm, "").matchAll(/^#{1,6} (.+)$/gm)
  return new Set(
    [...headings].map(([, heading = ""]) =>
      heading
        .toLowerCase()
        .replace(/[^\p{L}\p{N}\s_-]/gu, "")
        .replaceAll(" ", "-"),
    ),
  )
}

test("every relative link of the documents leads to a file, and to a heading where it names one", () => {
  let count = 0
  const dead = documents.flatMap(({ file, text }) =>
    [...text.replace(/`[^`\n]*`/g, "").matchAll(/\]\(([^)\s]+)\)/g)].flatMap(([, target = ""]) => {
      if (/^[a-z]+:/.test(target)) return []
      count++
      const [path = "", anchor] = target.split("#")
      const place = path === "" ? join(root, file) : resolve(root, dirname(file), path)
      if (!existsSync(place)) return [`${file}: ${target} is not there`]
      if (anchor === undefined || anchorsOf(readFileSync(place, "utf8")).has(anchor)) return []
      return [`${file}: ${target} has no such heading`]
    }),
  )
  assert.ok(count > 15, `${count} links`)
  assert.deepEqual(dead, [])
})

test("every npm script and every fjord command that the documents name exists", () => {
  const scriptsOf = (workspace: string) =>
    JSON.parse(readFileSync(join(root, workspace, "package.json"), "utf8")).scripts
  const help = spawnSync(process.execPath, [join(root, "apps/cli/src/main.ts"), "--help"], { encoding: "utf8" }).stdout
  const commands = new Set([...help.matchAll(/^ {2}([a-z][a-z-]*)/gm)].map(([, name]) => name))
  assert.ok(commands.has("train") && commands.has("generate"), help)
  const unknown = documents.flatMap(({ file, text }) => [
    ...[...text.matchAll(/npm run (?:--silent )?([a-z][\w:-]*)(?: -w ([\w/-]+))?/g)].flatMap(
      ([said, name = "", workspace = "."]) => (name in scriptsOf(workspace) ? [] : [`${file}: ${said}`]),
    ),
    ...[...text.matchAll(/(?:npm run (?:--silent )?fjord -- |^\s*fjord |`fjord )([a-z][a-z-]*)/gm)].flatMap(
      ([said, name = ""]) => (commands.has(name) ? [] : [`${file}: ${said}`]),
    ),
  ])
  assert.deepEqual(unknown, [])
})

test("README names the two commands that start and test", () => {
  const readme = documents.find(({ file }) => file === "README.md")?.text ?? ""
  for (const command of ["npm start", "npm test"]) assert.match(readme, new RegExp(`^${command}( |$)`, "m"))
})
