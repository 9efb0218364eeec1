// Runs an exported network on one image, in the browser. What it is made of is read from the run's `.tflite` file on the
// server (genmod/inference/graphs.py) and comes as one file: a header, and the weights as bytes.

const SQRT_HALF = Math.SQRT1_2
const NO_CLASS = -1 // instead of a class's number: the network is told none

export class Network {
  constructor(buffer) {
    const length = new DataView(buffer).getUint32(0, true)
    const header = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 4, length)))
    this.weights =
      header.precision === "half"
        ? widened(new Uint16Array(buffer, 4 + length))
        : new Float32Array(buffer, 4 + length)
    this.operations = header.operations
    this.outputs = header.outputs
    this.inputs = header.inputs
    this.tensors = {}
    for (const [number, size] of Object.entries(header.sizes)) this.tensors[number] = new Float32Array(size)
    for (const operation of this.operations) {
      if (operation.op.endsWith("convolution")) operation.patch = new Float32Array(patchSize(operation))
    }
  }

  // What comes out of numbers that go in: latents or an image, and for a network that is told the class its number. The
  // arrays are the network's own: the next call writes into them again.
  run(values, label) {
    this.tensors[this.inputs.values].set(values)
    if ("classes" in this.inputs) {
      const classes = this.tensors[this.inputs.classes]
      classes.fill(0)
      if (label !== NO_CLASS) classes[label ?? 0] = 1
    }
    for (const operation of this.operations) {
      const given = operation.in.map((number) => this.tensors[number])
      const made = this.tensors[operation.out]
      OPERATIONS[operation.op](operation, given, made, this.weights)
      if (operation.activation) ACTIVATIONS[operation.activation](made, made)
    }
    return this.outputs.map((number) => this.tensors[number])
  }
}

// Where a point comes to in the steps of a schedule, as genmod/inference/ways.py has it.
function followed(velocity, schedule, start, label) {
  const { times, told, heun, guidance, kept, scales } = schedule
  let point = Float64Array.from(start)
  const given = new Float32Array(point.length + told[0].length)
  const ask = (at, number) => {
    const scale = scales[number] ?? 1
    const share = kept[number] ?? 0
    const found = answer(at, number, scale)
    return found.map((value, place) => share * at[place] + scale * value)
  }
  const answer = (at, number, scale) => {
    given.set(at.map((value) => scale * value))
    given.set(told[number], at.length)
    if (guidance === 1) return Float64Array.from(velocity.run(given, label)[0])
    const without = Float64Array.from(velocity.run(given, NO_CLASS)[0])
    if (guidance === 0) return without
    const told_of = velocity.run(given, label)[0]
    return without.map((value, place) => value + guidance * (told_of[place] - value))
  }
  for (let number = 0; number + 1 < times.length; number++) {
    const length = times[number + 1] - times[number]
    let moved = ask(point, number)
    if (heun) {
      const ahead = ask(point.map((value, place) => value + length * moved[place]), number + 1)
      moved = moved.map((value, place) => 0.5 * (value + ahead[place]))
    }
    point = point.map((value, place) => value + length * moved[place])
  }
  return point
}

function patchSize({ op, kernel }) {
  return op === "convolution" ? kernel[1] * kernel[2] * kernel[3] : 0
}

const ACTIVATIONS = {
  relu: (x, y) => { for (let i = 0; i < x.length; i++) y[i] = x[i] > 0 ? x[i] : 0 },
  relu6: (x, y) => { for (let i = 0; i < x.length; i++) y[i] = Math.min(Math.max(x[i], 0), 6) },
  tanh: (x, y) => { for (let i = 0; i < x.length; i++) y[i] = Math.tanh(x[i]) },
}

const OPERATIONS = {
  dense({ rows, columns, weights, bias }, [x], y, w) {
    for (let row = 0; row < rows; row++) {
      y[row] = product(w, weights + row * columns, x, 0, columns) + (bias < 0 ? 0 : w[bias + row])
    }
  },

  // Each output pixel is a product of the kernel with the patch of the image below it.
  convolution({ from, to, kernel, weights, bias, stride, padding, patch }, [x], y, w) {
    const [height, width, channels] = from
    const [filters, kernelHeight, kernelWidth] = kernel
    const top = before(padding, height, to[0], stride[0], kernelHeight)
    const left = before(padding, width, to[1], stride[1], kernelWidth)
    let place = 0
    for (let row = 0; row < to[0]; row++) {
      for (let column = 0; column < to[1]; column++) {
        let filled = 0
        for (let i = 0; i < kernelHeight; i++) {
          const r = row * stride[0] + i - top
          for (let j = 0; j < kernelWidth; j++) {
            const c = column * stride[1] + j - left
            const inside = r >= 0 && r < height && c >= 0 && c < width
            const start = (r * width + c) * channels
            for (let k = 0; k < channels; k++) patch[filled++] = inside ? x[start + k] : 0
          }
        }
        for (let filter = 0; filter < filters; filter++) {
          y[place++] = product(w, weights + filter * filled, patch, 0, filled) + (bias < 0 ? 0 : w[bias + filter])
        }
      }
    }
  },

  // Each input pixel adds to the patch of the larger image that it spreads over.
  transposed_convolution({ from, to, kernel, weights, bias, stride, padding }, [x], y, w) {
    const [height, width, channels] = from
    const [filters, kernelHeight, kernelWidth] = kernel
    const top = before(padding, to[0], height, stride[0], kernelHeight)
    const left = before(padding, to[1], width, stride[1], kernelWidth)
    for (let i = 0; i < y.length; i++) y[i] = bias < 0 ? 0 : w[bias + (i % filters)]
    for (let row = 0; row < height; row++) {
      for (let column = 0; column < width; column++) {
        const start = (row * width + column) * channels
        for (let i = 0; i < kernelHeight; i++) {
          const r = row * stride[0] + i - top
          if (r < 0 || r >= to[0]) continue
          for (let j = 0; j < kernelWidth; j++) {
            const c = column * stride[1] + j - left
            if (c < 0 || c >= to[1]) continue
            for (let filter = 0; filter < filters; filter++) {
              const place = weights + ((filter * kernelHeight + i) * kernelWidth + j) * channels
              y[(r * to[1] + c) * filters + filter] += product(w, place, x, start, channels)
            }
          }
        }
      }
    }
  },

  max_pool({ from, to, kernel, stride }, [x], y) {
    const [, width, channels] = from
    for (let row = 0; row < to[0]; row++) {
      for (let column = 0; column < to[1]; column++) {
        for (let k = 0; k < channels; k++) {
          let largest = -Infinity
          for (let i = 0; i < kernel[0]; i++) {
            for (let j = 0; j < kernel[1]; j++) {
              const value = x[((row * stride[0] + i) * width + column * stride[1] + j) * channels + k]
              if (value > largest) largest = value
            }
          }
          y[(row * to[1] + column) * channels + k] = largest
        }
      }
    }
  },

  concatenation(operation, given, y) {
    let place = 0
    for (const x of given) {
      y.set(x, place)
      place += x.length
    }
  },

  addition({ weights, count }, [a, b], y, w) {
    if (b) for (let i = 0; i < y.length; i++) y[i] = a[i] + b[i]
    else for (let i = 0; i < y.length; i++) y[i] = a[i] + w[weights + (i % count)]
  },

  multiplication({ weights, count }, [a, b], y, w) {
    if (b) for (let i = 0; i < y.length; i++) y[i] = a[i] * b[i]
    else for (let i = 0; i < y.length; i++) y[i] = a[i] * w[weights + (i % count)]
  },

  inner_product: (operation, [a, b], y) => { y[0] = product(a, 0, b, 0, a.length) },
  relu: (operation, [x], y) => ACTIVATIONS.relu(x, y),
  tanh: (operation, [x], y) => ACTIVATIONS.tanh(x, y),
  sigmoid: (operation, [x], y) => { for (let i = 0; i < x.length; i++) y[i] = 1 / (1 + Math.exp(-x[i])) },
  gelu: (operation, [x], y) => {
    for (let i = 0; i < x.length; i++) y[i] = 0.5 * x[i] * (1 + errorFunction(x[i] * SQRT_HALF))
  },
  leaky_relu: ({ alpha }, [x], y) => { for (let i = 0; i < x.length; i++) y[i] = x[i] > 0 ? x[i] : alpha * x[i] },
  softmax(operation, [x], y) {
    let largest = -Infinity
    for (const value of x) largest = Math.max(largest, value)
    let sum = 0
    for (let i = 0; i < x.length; i++) sum += y[i] = Math.exp(x[i] - largest)
    for (let i = 0; i < x.length; i++) y[i] /= sum
  },
}

// Four sums at a time: one alone would wait for itself at each step.
function product(a, aStart, b, bStart, length) {
  let s0 = 0
  let s1 = 0
  let s2 = 0
  let s3 = 0
  let i = 0
  for (; i + 3 < length; i += 4) {
    s0 += a[aStart + i] * b[bStart + i]
    s1 += a[aStart + i + 1] * b[bStart + i + 1]
    s2 += a[aStart + i + 2] * b[bStart + i + 2]
    s3 += a[aStart + i + 3] * b[bStart + i + 3]
  }
  for (; i < length; i++) s0 += a[aStart + i] * b[bStart + i]
  return s0 + s1 + s2 + s3
}

// How many pixels the padding takes before the image, along one side.
function before(padding, size, steps, stride, kernel) {
  return padding === "valid" ? 0 : Math.max(0, (steps - 1) * stride + kernel - size) >> 1
}

// Abramowitz and Stegun (1964), 7.1.26: off by 1.5e-7 at most.
function errorFunction(x) {
  const t = 1 / (1 + 0.3275911 * Math.abs(x))
  const sum = ((((1.061405429 * t - 1.453152027) * t + 1.421413741) * t - 0.284496736) * t + 0.254829592) * t
  const found = 1 - sum * Math.exp(-x * x)
  return x < 0 ? -found : found
}

// Half precision to single; not every browser has an array of halves.
function widened(halves) {
  const found = new Float32Array(halves.length)
  for (let i = 0; i < halves.length; i++) {
    const half = halves[i]
    const exponent = (half >> 10) & 31
    const fraction = half & 1023
    const size =
      exponent === 0
        ? fraction * 2 ** -24
        : exponent === 31
          ? fraction ? NaN : Infinity
          : (1 + fraction / 1024) * 2 ** (exponent - 15)
    found[i] = half & 0x8000 ? -size : size
  }
  return found
}
