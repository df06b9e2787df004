import assert from "node:assert/strict"
import { test } from "node:test"
import { gql, InMemoryCache } from "@apollo/client"
import { growingList } from "./growingList.ts"

const query = gql`
  query Images($after: String) {
    images(first: 2, after: $after) {
      pageInfo {
        hasNextPage
        endCursor
      }
      edges {
        node {
          id
        }
      }
    }
  }
`

/** A cache that is told of pages, and what it holds of the list afterwards. */
function listOf(...pages: { after: string | null; ids: string[] }[]) {
  const cache = new InMemoryCache({ typePolicies: { Query: { fields: { images: growingList(["first"]) } } } })
  for (const { after, ids } of pages) {
    const edges = ids.map((id) => ({ __typename: "Edge", node: { __typename: "Image", id } }))
    const pageInfo = { __typename: "PageInfo", hasNextPage: ids.at(-1) !== "a", endCursor: ids.at(-1) }
    cache.writeQuery({ query, variables: { after }, data: { images: { __typename: "Images", pageInfo, edges } } })
  }
  const { images } = cache.readQuery<{
    images: { pageInfo: { endCursor: string; hasNextPage: boolean }; edges: { node: { id: string } }[] }
  }>({ query, variables: { after: null } }) ?? { images: undefined }
  return { ids: images?.edges.map(({ node }) => node.id).join(""), end: images?.pageInfo.endCursor }
}

const page = (ids: string, after: string | null = null) => ({ after, ids: [...ids] })

test("a new image at the front leaves the pages behind it where they are", () => {
  assert.deepEqual(listOf(page("dc"), page("ba", "c"), page("ed")), { ids: "edcba", end: "a" })
})

test("the next page is asked for at the end of all of them", () => {
  assert.deepEqual(listOf(page("fe"), page("dc", "e"), page("gf"), page("ba", "c")), { ids: "gfedcba", end: "a" })
})

test("a list of one page stays one page long, and one that has moved on altogether begins anew", () => {
  assert.deepEqual(listOf(page("dc"), page("ed")), { ids: "ed", end: "d" })
  assert.deepEqual(listOf(page("dc"), page("ba", "c"), page("hg")), { ids: "hg", end: "g" })
})
