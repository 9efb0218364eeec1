// What is fetched from the server, each once in a visit.

const fetching = new Map() // by address

function fetched(address, make) {
  if (!fetching.has(address)) {
    const found = fetch(new URL(address, document.baseURI))
      .then(async (response) => {
        if (!response.ok) throw new Error(await response.text())
        return make(await response.arrayBuffer())
      })
      .catch((error) => {
        fetching.delete(address)
        throw error
      })
    fetching.set(address, found)
    if (fetching.size > 12) fetching.delete(fetching.keys().next().value)
  }
  return fetching.get(address)
}

const network = (address) => fetched(address, (buffer) => new Network(buffer))
const codes = (address) => fetched(address, (buffer) => {
  const [count, dim] = new Uint32Array(buffer, 0, 2)
  const values = widened(new Uint16Array(buffer, 8, count * dim))
  return { count, dim, values, labels: new Uint8Array(buffer, 8 + 2 * count * dim, count) }
})
