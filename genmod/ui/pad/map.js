// One run on the pad: the map with its ground, the image at the point, and what the classifier sees in it.

const OFF_PLANE = 0.05 // by which a latent number beside the plane may change before the ground is another
const TEN_EVERY = 400 // milliseconds between two drawings of all classes while a hand moves
const MISSING = {
  sampler: "The image cannot be drawn here.",
  velocity: "The image cannot be drawn here.",
  classifier: "The classifier could not be fetched.",
  codes: "The held-out images could not be fetched.",
}

class PadMap extends Walked {
  constructor(board, parent, data) {
    super()
    this.board = board
    this.loading = {}
    this.failed = ""
    this.root = make("section", "gm-map-of", parent)
    if (board.data.maps.length > 1) make("h3", "gm-of", this.root, data.run)
    const area = make("div", "gm-area-of", this.root)
    this.pad = make("div", "gm-pad", area)
    this.layers = {}
    for (const name of ["ground", "points", "over"]) {
      this.layers[name] = make("canvas", `gm-${name}`, this.pad)
      this.layers[name].setAttribute("aria-hidden", "true")
    }
    this.digit = make("canvas", "gm-digit", this.pad)
    this.digit.dataset.role = "digit"
    this.digit.setAttribute("role", "img")
    this.digit.setAttribute("aria-label", "")
    const side = make("div", "gm-read", area)
    this.space = make("div", "gm-space", side) // where the image stands, which is an element of the pad
    this.bars = make("div", "gm-bars", side)
    this.bars.setAttribute("aria-hidden", "true")
    this.words = make("p", "gm-seen", side)
    this.nearest = make("div", "gm-nearest", side)
    this.tens = make("figure", "gm-tens", side)
    this.beside = make("div", "gm-beside", side)
    this.column = side
    this.after = make("div", "gm-read", this.root)
    this.caption = make("p", "gm-caption", this.root)
    this.legend = make("div", "gm-legend", this.root)
    this.legend.setAttribute("role", "group")
    this.legend.setAttribute("aria-label", "Show one class alone")
    this.listen()
  }

  update(data) {
    const before = this.data
    this.data = data
    this.limit = data.limit
    this.colors = data.colors
    this.marks = data.marks
    this.ink = data.ink
    this.accent = data.accent
    for (const [name, how] of [["sampler", network], ["velocity", network], ["classifier", network], ["codes", codes]]) {
      // What could not be fetched is tried again at the next answer of the server.
      if (before?.[name] !== data[name] || (!this[name] && !this.loading[name])) this.fetch(name, data[name], how)
    }
    const [height, width] = data.shape
    if (this.digit.width !== width || this.digit.height !== height) {
      this.digit.width = width
      this.digit.height = height
    }
    if (this.board.data.pad) {
      this.pad.setAttribute("role", "application")
      this.pad.setAttribute("aria-label", `Latent pad of ${data.run}: ${data.plane.names.join(" and ")}`)
      this.pad.setAttribute("aria-description", data.help)
      this.pad.tabIndex = 0
    }
    this.project()
    this.build_legend()
    this.build_bars()
    this.show_nearest()
  }

  fetch(name, address, how) {
    this[name] = null
    this.drawn = null
    if (!address) return
    this.loading[name] = true
    how(address)
      .then((found) => {
        if (this.data[name] !== address) return
        this[name] = found
        this.failed = ""
        if (name === "codes") this.project()
        this.layout()
        this.board.draw()
      })
      .catch((error) => {
        console.error(error)
        if (this.data[name] !== address) return
        this.failed = MISSING[name]
        if (name === "sampler" || name === "velocity") say(this.words, `${MISSING[name]} ${error.message}`)
        this.say_caption()
      })
      .finally(() => { this.loading[name] = this.data[name] !== address && this.loading[name] })
  }

  // Where all codes lie on the plane, once for each plane.
  project() {
    const { plane } = this.data
    const key = plane && JSON.stringify([plane, this.limit])
    if (this.codes && this.placedOf?.codes === this.codes && this.placedOf.key === key) return this.say_caption()
    this.placedOf = { codes: this.codes, key }
    this.placed = new Float32Array(0)
    this.outside = 0
    if (!this.codes || !plane || this.codes.dim !== plane.middle.length) return
    const { count, dim, values } = this.codes
    this.placed = new Float32Array(2 * count)
    for (let i = 0; i < count; i++) {
      let [a, b] = [0, 0]
      for (let j = 0; j < dim; j++) {
        const value = values[i * dim + j] - plane.middle[j]
        a += value * plane.across[j]
        b += value * plane.up[j]
      }
      this.placed[2 * i] = a
      this.placed[2 * i + 1] = b
      if (Math.abs(a) > this.limit || Math.abs(b) > this.limit) this.outside++
    }
    this.dirty = true
    this.say_caption()
  }

  say_caption() {
    const { data } = this
    if (!this.board.data.pad) return
    const ends = `${data.plane.names[0]} to the right, ${data.plane.names[1]} upwards, each from ${shown(-data.limit)} to ${shown(data.limit)}.`
    const { outside } = this
    const many = outside === 1 ? `held-out ${data.noun} lies` : `held-out ${data.plural} lie`
    const more = outside ? ` ${outside.toLocaleString("en")} more ${many} outside.` : ""
    const parts = [ends + (this.codes && data.held_out ? more : ""), data.ground_words, data.marks_words, this.failed]
    say(this.caption, parts.filter(Boolean).join(" "))
  }

  // Where a point of latent space stands on the plane, and the point at a place.
  placeOf(z) {
    const { middle, across, up } = this.data.plane
    const from = Array.from(z, (value, place) => value - middle[place])
    return [dot(from, across), dot(from, up)]
  }

  pointAt([a, b], z = this.board.z) {
    const { across, up } = this.data.plane
    const [a0, b0] = this.placeOf(z)
    return z.map((value, place) => value + (a - a0) * across[place] + (b - b0) * up[place])
  }

  // Whether all is there that draws an image.
  get ready() {
    return Boolean(this.sampler && (this.velocity || !this.data.schedule))
  }

  // Pixels in [0, 1] of the image at a point.
  decode(z, label = this.data.wanted) {
    const { schedule } = this.data
    return this.sampler.run(schedule ? followed(this.velocity, schedule, z, label) : z, label)[0]
  }

  // What the classifier gives each class.
  classify(pixels) {
    const outputs = this.classifier.run(pixels)
    return outputs.find((output) => output.length === this.data.classes.length)
  }

  // An image as a small canvas, to be drawn at any size.
  tile(pixels) {
    const [height, width] = this.data.shape
    this.small ??= document.createElement("canvas")
    if (this.small.width !== width || this.small.height !== height) {
      this.small.width = width
      this.small.height = height
    }
    this.put(this.small, pixels)
    return this.small
  }

  put(canvas, pixels) {
    const context = canvas.getContext("2d")
    const image = context.createImageData(canvas.width, canvas.height)
    for (let i = 0; i < pixels.length; i++) {
      const grey = Math.round(255 * Math.min(1, Math.max(0, pixels[i])))
      image.data[4 * i] = image.data[4 * i + 1] = image.data[4 * i + 2] = grey
      image.data[4 * i + 3] = 255
    }
    context.putImageData(image, 0, 0)
  }

  // Sizes in whole numbers of an image's pixels, so that all of them stay crisp.
  layout() {
    const phone = window.innerWidth <= PHONE
    const two = this.board.data.maps.length > 1
    const room = this.root.clientWidth
    if (!room) return
    const most = !this.board.data.pad ? 0 : phone ? room : two ? Math.min(room, 420) : Math.min(room * 0.52, 504)
    const side = Math.floor(most / TILE) * TILE
    const [height, width] = this.data.shape
    const beside = Math.floor((room - side - 190) / width) // what fits beside the pad, with the bars beside it
    const scale = phone ? 6 : two ? 7 : Math.min(11, Math.max(4, beside))
    const style = this.root.style
    style.setProperty("--side", `${side}px`)
    style.setProperty("--digit-width", `${width * scale}px`)
    style.setProperty("--digit-height", `${height * scale}px`)
    this.root.classList.toggle("gm-below", phone || two)
    // On a phone the pad follows the image at once.
    const home = phone ? this.after : this.column
    if (this.nearest.parentElement !== home) home.append(this.nearest, this.tens, this.beside)
    const sharp = window.devicePixelRatio || 1
    if (side !== this.side || sharp !== this.sharp) {
      this.side = side
      this.sharp = sharp
      for (const canvas of Object.values(this.layers)) {
        canvas.width = canvas.height = Math.round(side * sharp)
      }
      this.ground = null
      this.dirty = true
    }
    const own = this.pad.getBoundingClientRect()
    const space = this.space.getBoundingClientRect()
    style.setProperty("--digit-left", `${Math.round(space.left - own.left)}px`)
    style.setProperty("--digit-top", `${Math.round(space.top - own.top)}px`)
  }

  draw(z, moving) {
    if (!this.side && this.board.data.pad) return
    const point = z.map(rounded)
    const drawn = [point.join(), JSON.stringify(this.data.schedule), this.data.wanted, Boolean(this.classifier), moving && this.data.conditional].join("|")
    if (this.ready && drawn !== this.drawn) {
      this.drawn = drawn
      const pixels = this.decode(point)
      this.put(this.digit, pixels)
      if (this.classifier) this.show_shares(this.classify(pixels))
      this.digit.dataset.z = Array.from(point, (value) => String(value)).join(" ")
      this.digit.setAttribute("aria-label", this.digitWords(point))
      if (this.data.conditional) this.draw_tens(point, moving)
    }
    this.nearest.classList.toggle("gm-old", moving || this.board.answered !== this.board.sent)
    if (!this.board.data.pad) return
    if (this.dirty) this.draw_points()
    this.draw_over(z)
  }

  digitWords(z) {
    const noun = this.data.noun
    return `The ${noun} that ${this.data.run} draws at ${Array.from(z.slice(0, 8), shown).join(", ")}${z.length > 8 ? " and more" : ""}.`
  }

  // What the classifier sees, as bars and as a sentence.
  build_bars() {
    const { classes, marks } = this.data
    if (this.barsOf === classes.join()) return
    this.barsOf = classes.join()
    this.bars.replaceChildren()
    this.lengths = marks.map((mark) => {
      const row = make("div", "", this.bars)
      make("b", "", row, mark)
      const track = make("span", "", row)
      return make("i", "", track)
    })
  }

  show_shares(shares) {
    let likeliest = 0
    shares.forEach((share, place) => {
      if (share > shares[likeliest]) likeliest = place
      this.lengths[place].style.width = `${(100 * share).toFixed(1)}%`
      this.lengths[place].className = ""
    })
    this.lengths[likeliest].className = "gm-most"
    say(this.words, `The classifier sees ${this.data.phrases[likeliest]}, ${percent(shares[likeliest])} sure.`)
  }

  show_nearest() {
    const { nearest } = this.data
    this.nearest.replaceChildren()
    if (!nearest) return
    const canvas = make("canvas", "gm-near", this.nearest)
    canvas.width = this.digit.width
    canvas.height = this.digit.height
    canvas.setAttribute("role", "img")
    canvas.setAttribute("aria-label", nearest.words)
    const raw = atob(nearest.pixels)
    this.put(canvas, Float32Array.from(raw, (one) => one.charCodeAt(0) / 255))
    make("p", "", this.nearest, nearest.words)
  }

  // The same latents, asked for each class: what stays is the style.
  draw_tens(z, moving) {
    const started = performance.now()
    if (moving && started - (this.tenAt ?? 0) < TEN_EVERY) return
    this.tenAt = started
    const [height, width] = this.data.shape
    const { classes } = this.data
    const columns = Math.min(5, classes.length)
    if (!this.ten) {
      this.ten = make("canvas", "", this.tens)
      this.ten.setAttribute("role", "img")
      this.ten.width = columns * (width + 1) - 1
      this.ten.height = Math.ceil(classes.length / columns) * (height + 1) - 1
      this.ten.setAttribute("aria-label", `The same latent numbers, asked for ${classes.join(", ")}`)
      make("figcaption", "", this.tens, `The same latent numbers, asked for each ${this.data.noun}: the style stays.`)
    }
    const context = this.ten.getContext("2d")
    classes.forEach((_, label) => {
      const [x, y] = [(label % columns) * (width + 1), Math.floor(label / columns) * (height + 1)]
      context.drawImage(this.tile(this.decode(z, label)), x, y)
    })
  }

  // Paint the ground for a while; whether it is unfinished.
  paint(budget) {
    if (!this.board.data.pad || !this.side || !this.ready) return false
    const { data } = this
    if (data.ground === "verdict" && !this.classifier) return false
    if (data.ground === "density" && !this.codes) return false
    const [a, b] = this.placeOf(this.board.z)
    const rest = this.board.z.map((value, place) => value - a * data.plane.across[place] - b * data.plane.up[place])
    const key = [data.ground, JSON.stringify(data.schedule), data.sampler, data.codes, data.wanted, data.limit, JSON.stringify(data.plane), this.ink].join("|")
    const moved = this.others && rest.some((value, place) => Math.abs(value - this.others[place]) > OFF_PLANE)
    const stale = this.ground && moved && data.ground !== "density"
    this.layers.ground.style.opacity = stale && this.board.moving ? 0.3 : ""
    if (!this.ground || this.ground.key !== key || (stale && !this.board.moving)) {
      this.others = rest
      this.ground = new GROUNDS[data.ground](this.layers.ground, key, this)
      this.dirty = true
    }
    this.ground.go(budget)
    return !this.ground.done
  }

  pixel([a, b]) {
    const half = this.side / 2
    return [half * (1 + a / this.limit), half * (1 - b / this.limit)]
  }

  // One small picture for each class, drawn wherever an image of it lies.
  sprites() {
    const onBlack = this.data.ground === "manifold"
    const key = [onBlack, this.colors.join(), this.sharp, this.marks.join(), this.data.page].join()
    if (this.spritesOf === key) return this.stamps
    this.spritesOf = key
    this.stamps = this.marks.map((mark, label) => {
      const canvas = document.createElement("canvas")
      const size = 16 * this.sharp
      canvas.width = canvas.height = size
      const context = canvas.getContext("2d")
      context.font = `700 ${11 * this.sharp}px sans-serif`
      context.textAlign = "center"
      context.textBaseline = "middle"
      context.lineJoin = "round"
      context.lineWidth = 3 * this.sharp
      context.strokeStyle = onBlack ? "#000" : this.data.page
      context.fillStyle = onBlack ? this.data.bright[label] : this.colors[label]
      context.strokeText(mark, size / 2, size / 2)
      context.fillText(mark, size / 2, size / 2)
      return canvas
    })
    return this.stamps
  }

  draw_points() {
    this.dirty = false
    const canvas = this.layers.points
    const context = canvas.getContext("2d")
    context.clearRect(0, 0, canvas.width, canvas.height)
    this.say_caption()
    if (!this.codes || !this.data.held_out) return
    const stamps = this.sprites()
    const [half, size] = [canvas.width / 2, 16 * this.sharp]
    for (const alone of [false, true]) {
      for (let i = 0; i < this.codes.count; i++) {
        const label = this.codes.labels[i]
        if (alone !== (this.alone === label || this.alone === undefined)) continue
        const x = half * (1 + this.placed[2 * i] / this.limit)
        const y = half * (1 - this.placed[2 * i + 1] / this.limit)
        if (x < 0 || x > canvas.width || y < 0 || y > canvas.height) continue
        context.globalAlpha = alone ? 0.9 : 0.1
        context.drawImage(stamps[label], Math.round(x - size / 2), Math.round(y - size / 2))
      }
    }
    context.globalAlpha = 1
    canvas.dataset.drawn = this.codes.count
  }

  // What moves with the hand, and what is drawn above all else.
  draw_over(z) {
    const canvas = this.layers.over
    const context = canvas.getContext("2d")
    context.setTransform(this.sharp, 0, 0, this.sharp, 0, 0)
    context.clearRect(0, 0, this.side, this.side)
    const { data } = this
    const unit = this.side / (2 * this.limit)
    const middle = this.pixel(this.placeOf(new Float64Array(z.length)))
    for (const sigma of [1, 2]) this.line(context, () => context.arc(...middle, sigma * unit, 0, 7), [4, 4])
    for (const path of data.paths) {
      this.line(context, () => path.forEach((point, index) => {
        const at = this.pixel(this.placeOf(point))
        if (index) context.lineTo(...at)
        else context.moveTo(...at)
      }), [])
    }
    for (const draw of data.draws) this.spot(context, this.pixel(this.placeOf(draw)), 2.5)
    if (data.chosen) {
      const { code, sigma } = data.chosen
      const at = this.pixel(this.placeOf(code))
      if (sigma) this.ellipse(context, at, sigma, unit)
      this.line(context, () => context.rect(at[0] - 8, at[1] - 8, 16, 16), [])
      const label = `${data.chosen.mark} ${data.chosen.name}`
      context.font = "600 12px sans-serif"
      context.textAlign = at[0] > this.side - 90 ? "right" : "left"
      context.textBaseline = "middle"
      context.lineWidth = 4
      context.strokeStyle = "#000"
      context.fillStyle = "#fff"
      const beside = at[0] + (context.textAlign === "left" ? 13 : -13)
      context.strokeText(label, beside, at[1])
      context.fillText(label, beside, at[1])
    }
    const [x, y] = this.pixel(this.placeOf(z)).map((value) => Math.min(this.side - 2, Math.max(2, value)))
    this.line(context, () => context.arc(x, y, 10, 0, 7), [], 3)
    this.line(context, () => {
      for (const [dx, dy] of [[1, 0], [-1, 0], [0, 1], [0, -1]]) {
        context.moveTo(x + 4 * dx, y + 4 * dy)
        context.lineTo(x + 16 * dx, y + 16 * dy)
      }
    }, [])
  }

  // White within black: seen on every ground.
  line(context, path, dashes, width = 2) {
    for (const [color, wide] of [["#000", width + 3], ["#fff", width]]) {
      context.beginPath()
      path()
      context.setLineDash(color === "#000" ? [] : dashes)
      context.globalAlpha = color === "#000" ? 0.85 : 1
      context.strokeStyle = color
      context.lineWidth = wide
      context.stroke()
    }
    context.setLineDash([])
    context.globalAlpha = 1
  }

  spot(context, [x, y], radius) {
    context.beginPath()
    context.arc(x, y, radius, 0, 7)
    context.fillStyle = "#fff"
    context.strokeStyle = "#000"
    context.lineWidth = 1
    context.fill()
    context.stroke()
  }

  // Two standard deviations of the chosen image's distribution, seen in the plane.
  ellipse(context, at, sigma, unit) {
    const { across, up } = this.data.plane
    const covariance = (a, b) => sigma.reduce((sum, value, place) => sum + a[place] * b[place] * value * value, 0)
    const [aa, ab, bb] = [covariance(across, across), covariance(across, up), covariance(up, up)]
    const mean = (aa + bb) / 2
    const spread = Math.hypot((aa - bb) / 2, ab)
    const radii = [mean + spread, Math.max(mean - spread, 0)].map((value) => 2 * unit * Math.sqrt(value))
    const angle = 0.5 * Math.atan2(2 * ab, aa - bb)
    this.line(context, () => context.ellipse(...at, ...radii, -angle, 0, 7), [])
  }

  build_legend() {
    const { data } = this
    // The marks of the map in the colours that they have there: decoded images are black in every theme.
    const colors = data.ground === "manifold" ? data.bright : data.colors
    this.legend.classList.toggle("gm-on-black", data.ground === "manifold")
    const wanted = JSON.stringify([data.classes, colors, data.held_out && data.codes !== null, this.board.data.pad])
    if (this.legendOf === wanted) return
    this.legendOf = wanted
    this.legend.replaceChildren()
    if (data.classes.length <= (this.alone ?? 0)) this.alone = undefined
    this.dirty = true
    if (!data.held_out || !data.codes || !this.board.data.pad) return
    data.classes.forEach((name, label) => {
      const button = make("button", "", this.legend, data.marks[label])
      button.type = "button"
      button.style.setProperty("--mark", colors[label])
      button.setAttribute("aria-pressed", String(this.alone === label))
      button.setAttribute("aria-label", `Only ${name}`)
      button.title = `Only ${name}`
      if (data.marks[label] !== name) make("small", "", button, name)
      button.onclick = () => {
        this.alone = this.alone === label ? undefined : label
        for (const [place, other] of [...this.legend.querySelectorAll("button")].entries()) {
          other.setAttribute("aria-pressed", String(this.alone === place))
        }
        this.dirty = true
        this.board.draw()
      }
    })
  }
}
