// The ground of a pad: what is painted below the point. Each is painted bit by bit, coarse first, so that the page goes
// on answering; a plane that has changed begins a new one.

const TILE = 28 // pixels of an image in the manifold
const VERDICT_PASSES = [9, 27, 54] // places along each side
const DENSITY_SIDE = 56 // places along each side

class Ground {
  // What it is of, as a text: another text is another ground.
  constructor(canvas, key, map) {
    this.canvas = canvas
    this.key = key
    this.map = map
    this.base = Float64Array.from(map.board.z) // the plane that is painted, wherever the point goes meanwhile
    this.context = canvas.getContext("2d")
    this.context.setTransform(1, 0, 0, 1, 0, 0)
    this.context.imageSmoothingEnabled = false
    this.context.clearRect(0, 0, canvas.width, canvas.height)
    this.work = this.steps()
    this.done = false
  }

  // Paint for some milliseconds.
  go(budget) {
    const end = performance.now() + budget
    while (!this.done && performance.now() < end) this.done = this.work.next().done
  }
}

// The images that the decoder draws over the plane, each where its middle lies.
class ManifoldGround extends Ground {
  *steps() {
    const { map, context, canvas } = this
    const across = Math.round(map.side / TILE)
    const cell = canvas.width / across
    for (const [column, row] of scattered(across)) {
      const place = [map.limit * ((2 * column + 1) / across - 1), map.limit * (1 - (2 * row + 1) / across)]
      const tile = map.tile(map.decode(map.pointAt(place, this.base)))
      context.drawImage(tile, Math.round(column * cell), Math.round(row * cell), Math.ceil(cell), Math.ceil(cell))
      yield
    }
  }
}

// What the classifier sees, in the colour of the class, paler where it is less sure, and the mark of the class.
class VerdictGround extends Ground {
  *steps() {
    const { map, context, canvas } = this
    for (const across of VERDICT_PASSES) {
      const cell = canvas.width / across
      const seen = []
      for (let row = 0; row < across; row++) {
        for (let column = 0; column < across; column++) {
          const place = [map.limit * ((2 * column + 1) / across - 1), map.limit * (1 - (2 * row + 1) / across)]
          const shares = map.classify(map.decode(map.pointAt(place, this.base)))
          const likeliest = shares.indexOf(Math.max(...shares))
          seen.push(likeliest)
          const box = [column * cell, row * cell, cell, cell].map(Math.round)
          context.clearRect(...box)
          context.globalAlpha = paleness(shares[likeliest])
          context.fillStyle = map.colors[likeliest]
          context.fillRect(box[0], box[1], Math.ceil(cell), Math.ceil(cell))
          context.globalAlpha = 1
          yield
        }
      }
      this.marks(seen, across, cell)
    }
  }

  // A mark in the middle of each third place, for those who cannot tell the colours apart.
  marks(seen, across, cell) {
    const { map, context } = this
    const step = Math.max(1, Math.round(across / 9))
    context.font = `600 ${Math.round((11 * this.canvas.width) / map.side)}px sans-serif`
    context.textAlign = "center"
    context.textBaseline = "middle"
    context.fillStyle = map.ink
    for (let row = step >> 1; row < across; row += step) {
      for (let column = step >> 1; column < across; column += step) {
        const mark = map.marks[seen[row * across + column]]
        context.fillText(mark, (column + 0.5) * cell, (row + 0.5) * cell)
      }
    }
  }
}

// How many codes lie where: counted, blurred a little, and shown by how dark it is.
class DensityGround extends Ground {
  *steps() {
    const { map, context, canvas } = this
    const counts = new Float32Array(DENSITY_SIDE ** 2)
    for (let i = 0; i < map.placed.length; i += 2) {
      const column = Math.floor(((map.placed[i] / map.limit + 1) / 2) * DENSITY_SIDE)
      const row = Math.floor(((1 - map.placed[i + 1] / map.limit) / 2) * DENSITY_SIDE)
      if (column >= 0 && column < DENSITY_SIDE && row >= 0 && row < DENSITY_SIDE) counts[row * DENSITY_SIDE + column]++
    }
    const smooth = blurred(blurred(counts))
    const largest = Math.max(...smooth, 1e-9)
    const cell = canvas.width / DENSITY_SIDE
    context.fillStyle = map.accent
    for (let row = 0; row < DENSITY_SIDE; row++) {
      for (let column = 0; column < DENSITY_SIDE; column++) {
        context.globalAlpha = 0.9 * (smooth[row * DENSITY_SIDE + column] / largest) ** 0.4
        const [x, y] = [Math.round(column * cell), Math.round(row * cell)]
        context.fillRect(x, y, Math.round((column + 1) * cell) - x, Math.round((row + 1) * cell) - y)
      }
    }
    context.globalAlpha = 1
    yield
  }
}

class PlainGround extends Ground {
  *steps() {}
}

const GROUNDS = { manifold: ManifoldGround, verdict: VerdictGround, density: DensityGround, plain: PlainGround }

function paleness(share) {
  return 0.1 + 0.6 * Math.min(1, Math.max(0, (share - 0.3) / 0.7)) ** 2
}

// All places of a square, those far from each other first: the eye has the whole before it is finished.
function* scattered(across) {
  const seen = new Set()
  for (let step = 1 << Math.floor(Math.log2(Math.max(1, across - 1))); step >= 1; step >>= 1) {
    for (let row = 0; row < across; row += step) {
      for (let column = 0; column < across; column += step) {
        const number = row * across + column
        if (!seen.has(number)) yield [column, row]
        seen.add(number)
      }
    }
  }
}

function blurred(values) {
  const side = DENSITY_SIDE
  const found = new Float32Array(values.length)
  for (let row = 0; row < side; row++) {
    for (let column = 0; column < side; column++) {
      let sum = 0
      for (let i = -1; i <= 1; i++) {
        for (let j = -1; j <= 1; j++) {
          const [r, c] = [row + i, column + j]
          if (r >= 0 && r < side && c >= 0 && c < side) sum += values[r * side + c] * (2 - Math.abs(i)) * (2 - Math.abs(j))
        }
      }
      found[row * side + column] = sum / 16
    }
  }
  return found
}
