// The stage of a training in the browser: digits, what is said of them, curves, and a film strip that moves one mark
// through all of them. Python hands over what there is to show; nothing is computed here but where things are drawn.

const PLAY_SECONDS = 6 // of a whole film
const ANSWER_SECONDS = 10 // after which Stop counts as not answered
const TILE = 28 // pixels of an image in a sheet of the run folder, which has one pixel between images
const SVG = "http://www.w3.org/2000/svg"
const stages = new WeakMap()

export default function ({ data, parentElement }) {
  let stage = stages.get(parentElement)
  if (!stage) {
    stage = new Stage(parentElement)
    stages.set(parentElement, stage)
  }
  stage.update(data)
  return () => stage.close()
}

function make(name, className, parent, text) {
  const element = document.createElement(name)
  if (className) element.className = className
  if (text !== undefined) element.textContent = text
  if (parent) parent.append(element)
  return element
}

function draw(name, attributes, parent, text) {
  const element = document.createElementNS(SVG, name)
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value)
  if (text !== undefined) element.textContent = text
  if (parent) parent.append(element)
  return element
}

// An element says a sentence again to a screen reader whenever its text is set: only what is new is set.
function say(element, text) {
  if (element.textContent !== text) element.textContent = text
}

class Stage {
  constructor(parent) {
    this.root = parent.querySelector(".gm-stage")
    this.root.textContent = ""
    this.acts = []
    this.place = null // of the mark, in images seen; null follows what is newest
    this.timer = null
    this.stopping = null
    this.strip = new Strip(this)
    this.observer = new ResizeObserver(() => this.layout())
    this.observer.observe(this.root)
    // On a busy machine the server's answer to Stop may take a second: until it comes the page says what was asked.
    this.heard = (event) => {
      if (event.target.closest?.(".st-key-stop button:not(:disabled)")) this.acknowledge()
    }
    document.addEventListener("click", this.heard, true)
  }

  close() {
    this.pause()
    this.observer.disconnect()
    document.removeEventListener("click", this.heard, true)
  }

  acknowledge() {
    this.stopping = setTimeout(() => this.answered(), ANSWER_SECONDS * 1000)
    this.render()
  }

  answered() {
    clearTimeout(this.stopping)
    this.stopping = null
    this.render()
  }

  update(data) {
    const names = JSON.stringify(data.acts.map((act) => act.id + act.version))
    if (names !== this.names) {
      // Another run: nothing of the one before stays, not for a moment.
      this.names = names
      this.pause()
      this.place = null
      this.acts = data.acts.map(() => new Act())
      this.root.replaceChildren(
        ...this.acts.map((act) => act.show),
        this.strip.root,
        ...this.acts.map((act) => act.side),
      )
      this.root.classList.toggle("gm-two", this.acts.length > 1)
    }
    this.data = data
    if (this.stopping && (data.acts[0].notice || !data.acts[0].now)) {
      clearTimeout(this.stopping)
      this.stopping = null
    }
    this.acts.forEach((act, index) => act.update(data.acts[index], this))
    this.layout()
  }

  // All places at which some act has a picture, in images seen.
  get places() {
    const found = new Set()
    for (const act of this.acts) for (const row of act.rows) found.add(row.e * act.data.images)
    return [...found].sort((a, b) => a - b)
  }

  get index() {
    const places = this.places
    if (this.place === null) return places.length - 1
    let found = 0
    places.forEach((place, index) => {
      if (place <= this.place + 1e-6) found = index
    })
    return found
  }

  go(index) {
    const places = this.places
    this.place = index >= places.length - 1 ? null : places[Math.max(index, 0)]
    this.render()
  }

  goTo(seen) {
    const places = this.places
    let best = 0
    places.forEach((place, index) => {
      if (Math.abs(place - seen) < Math.abs(places[best] - seen)) best = index
    })
    this.pause()
    this.go(best)
  }

  play() {
    const count = this.places.length
    if (count < 2) return
    if (this.index >= count - 1) this.go(0)
    const step = Math.min(400, Math.max(80, (1000 * PLAY_SECONDS) / count))
    this.timer = setInterval(() => {
      // A picture that has not arrived yet is waited for.
      if (!this.acts.every((act) => act.ready)) return
      if (this.index + 1 >= this.places.length - 1) this.pause()
      this.go(this.index + 1)
    }, step)
    this.render()
  }

  pause() {
    clearInterval(this.timer)
    this.timer = null
  }

  layout() {
    if (!this.data) return
    for (const act of this.acts) act.layout(this.acts.length)
    this.render()
  }

  render() {
    const place = this.place ?? Infinity
    for (const act of this.acts) act.render(place)
    this.strip.render()
  }
}

// Play, the slider, and where the mark stands in words.
class Strip {
  constructor(stage) {
    this.stage = stage
    this.root = make("div", "gm-strip")
    this.button = make("button", "gm-play", this.root)
    this.button.type = "button"
    this.button.onclick = () => {
      if (stage.timer) stage.pause()
      else stage.play()
      stage.render()
    }
    const track = make("div", "gm-track", this.root)
    this.done = make("i", "gm-done", track)
    this.slider = make("input", "", track)
    this.slider.type = "range"
    this.slider.min = 0
    this.slider.setAttribute("aria-label", "Film of the training")
    this.slider.oninput = () => {
      stage.pause()
      stage.go(Number(this.slider.value))
    }
    this.words = make("span", "gm-where", this.root)
    this.latest = make("button", "gm-latest", this.root, "Latest")
    this.latest.type = "button"
    this.latest.onclick = () => {
      stage.pause()
      stage.go(Infinity)
    }
  }

  render() {
    const { stage } = this
    const count = stage.places.length
    const index = stage.index
    const first = stage.acts[0]
    this.slider.max = Math.max(count - 1, 1)
    this.slider.value = Math.max(index, 0)
    this.slider.disabled = this.button.disabled = count < 2
    say(this.button, stage.timer ? "Pause" : "Play")
    const shown = first.shown
    const words = !shown
      ? ""
      : stage.acts.length > 1
        ? `After ${Math.round(stage.places[index]).toLocaleString("en-US")} images`
        : shown.w
    say(this.words, words)
    this.slider.setAttribute("aria-valuetext", words || "no picture yet")
    this.latest.style.visibility = index < count - 1 ? "visible" : "hidden"
    const percent = 100 * first.data.share
    this.done.style.width = `${percent}%`
    if (first.data.now) {
      this.done.setAttribute("role", "progressbar")
      this.done.setAttribute("aria-label", "Training")
      this.done.setAttribute("aria-valuenow", percent.toFixed(0))
      this.done.setAttribute("aria-valuemin", "0")
      this.done.setAttribute("aria-valuemax", "100")
    } else {
      for (const name of ["role", "aria-label", "aria-valuenow", "aria-valuemin", "aria-valuemax"]) {
        this.done.removeAttribute(name)
      }
    }
  }
}

// One run: its pictures on the left, what is said of them on the right.
class Act {
  constructor() {
    this.frames = new Map() // by epoch: the pictures, or null while they are on the way
    this.show = make("section", "gm-show")
    this.title = make("h3", "gm-title", this.show)
    this.tiles = make("canvas", "gm-tiles", this.show)
    this.tiles.setAttribute("role", "img")
    this.under = make("p", "gm-under", this.show)
    this.second = make("div", "gm-second", this.show)
    this.dial = new Dial(this.second)
    this.pairs = make("canvas", "gm-pairs", this.second)
    this.pairs.setAttribute("role", "img")
    this.below = make("p", "gm-under", this.show)
    this.side = make("section", "gm-side")
    this.state = make("p", "gm-state", this.side)
    this.state.setAttribute("role", "status")
    this.stateName = make("strong", "", this.state)
    this.stateWords = make("span", "", this.state)
    this.three = make("dl", "gm-three", this.side)
    this.charts = []
    this.chartBox = make("div", "gm-charts", this.side)
    this.rows = []
  }

  update(data, stage) {
    this.data = data
    this.stage = stage
    say(this.title, stage.data.acts.length > 1 ? data.id : "")
    this.title.hidden = stage.data.acts.length < 2
    this.show.setAttribute("aria-label", `Pictures of ${data.id || "the new run"}`)
    this.side.setAttribute("aria-label", `Numbers of ${data.id || "the new run"}`)
    this.rows = data.now ? [...data.rows, data.now] : data.rows
    if (data.now) this.take("now", data.live, data.liveSecond)
    while (this.charts.length < data.plots.length) this.charts.push(new Chart(this.chartBox, this))
    while (this.charts.length > data.plots.length) this.charts.pop().root.remove()
    this.chartBox.style.setProperty("--gm-charts", data.plots.length || 1)
  }

  // What stands at a place: the last row at or before it.
  at(place) {
    let found = this.rows[0]
    for (const row of this.rows) if (row.e * this.data.images <= place + 1e-6) found = row
    return found
  }

  key(row) {
    return row === this.data.now ? "now" : row.e
  }

  get ready() {
    const frame = this.shown && this.frames.get(this.key(this.shown))
    // A picture that will not come is not waited for.
    return !this.shown || !this.data.frames || Boolean(frame?.sheet || frame?.failed)
  }

  async take(key, sheet, second) {
    const before = this.frames.get(key)
    const frame = { sheet: before?.sheet ?? null, second: before?.second ?? null, notes: before?.notes ?? {} }
    this.frames.set(key, frame)
    if (sheet && sheet !== before?.address) {
      frame.address = sheet
      try {
        const [picture, notes] = await load(sheet)
        frame.notes = notes
        // Runs of older versions kept no reconstructions of single epochs.
        if (second) frame.second = (await load(second).catch(() => [null]))[0]
        frame.sheet = picture
      } catch {
        frame.failed = true
      }
      this.render(this.stage.place ?? Infinity)
      this.stage.strip.render()
    } else if (before) {
      frame.address = before.address
    }
  }

  // The pictures of a row, which are fetched when they are first wanted, and the next few with them.
  frame(row) {
    const index = this.rows.indexOf(row)
    const { frames, address, second } = this.data
    for (const near of [row, ...this.rows.slice(index + 1, index + 5)]) {
      const key = this.key(near)
      if (key === "now" || this.frames.has(key) || !frames) continue
      this.take(key, address.replace("EPOCH", near.e), second === "pairs" && this.data.pairs ? address.replace("EPOCH", `${near.e}-pairs`) : null)
    }
    return this.frames.get(this.key(row))
  }

  layout(acts) {
    const width = this.show.clientWidth
    const { columns, tiles } = this.data
    const rows = Math.ceil(tiles / columns)
    const room = this.data.frame ? 2 : 1
    let scale = Math.max(1, Math.floor((width - 6) / (columns * (TILE + room))))
    const tall = acts > 1 ? 200 : 330
    scale = Math.max(1, Math.min(scale, Math.floor(tall / (rows * (TILE + room))) || 1, 4))
    this.grid = { columns, rows, scale, gap: room * scale, tiles }
    const across = this.data.second === "dial" ? 5 : 10
    this.secondGrid = { columns: across, rows: 2, scale: Math.min(scale, 2), gap: room * Math.min(scale, 2), tiles: across * 2 }
    size(this.tiles, this.grid)
    size(this.pairs, this.secondGrid)
    this.second.hidden = !this.data.second
    this.dial.root.style.display = this.data.second === "dial" ? "" : "none"
  }

  render(place) {
    if (!this.data || !this.grid) return
    const row = this.at(place)
    this.shown = row
    const frame = row ? this.frame(row) : null
    paint(this.tiles, this.grid, frame?.sheet, this.data.frame ? frame?.notes?.generated : null)
    const real = frame?.notes?.real
    const last = row === this.rows[this.rows.length - 1]
    const second = this.data.second === "dial" || (last && frame?.sheet && !frame.second) ? this.originals() : frame?.second
    paint(this.pairs, this.secondGrid, second, this.data.frame ? real : null)
    this.tiles.setAttribute("aria-label", row ? `${this.data.alt}, ${row.when}.` : this.data.empty)
    this.pairs.setAttribute("aria-label", this.data.secondAlt)
    say(this.under, row ? counted(`${this.data.caption} ${row.when}.`, frame?.notes?.generated, this.data.frame) : this.data.empty)
    say(this.below, this.data.second ? this.data.secondCaption : "")
    const stopping = this.stage.stopping && this === this.stage.acts[0]
    const notice = stopping ? "The request to stop is on its way to the trainer." : this.data.notice
    say(this.stateName, stopping ? "Stopping. " : !notice && row?.s ? `${row.s}. ` : "")
    say(this.stateWords, notice || (row ? row.t : this.data.waiting))
    this.numbers(row)
    this.dial.render(row?.d, this.data.even, this.data.evenWords)
    this.charts.forEach((chart, index) => chart.render(this.data.plots[index], row, index))
  }

  originals() {
    if (!this.data.originals) return null
    if (this.originalsOf !== this.data.originals) {
      this.originalsOf = this.data.originals
      load(this.data.originals)
        .then(([picture]) => {
          this.originalSheet = picture
          this.render(this.stage.place ?? Infinity)
        })
        .catch(() => (this.originalSheet = null))
    }
    return this.originalSheet
  }

  numbers(row) {
    this.data.numbers.forEach((name, index) => {
      let item = this.three.children[index]
      if (!item) {
        item = make("div", "", this.three)
        make("dt", "", item)
        make("dd", "", item)
      }
      say(item.children[0], name)
      say(item.children[1], row?.n?.[index] || "–")
    })
    while (this.three.children.length > this.data.numbers.length) this.three.lastChild.remove()
  }
}

function counted(caption, answers, framed) {
  if (!framed || !answers) return caption
  const taken = answers.filter((answer) => answer >= 0.5).length
  return `${caption} Solid frame: the discriminator takes it for real, ${taken} of ${answers.length}. Dotted: it sees through it.`
}

// A picture of the run folder with the notes inside its file.
async function load(address) {
  let content
  if (address.startsWith("data:")) {
    // Not fetched: the page's security policy lets it connect to its own server only.
    content = Uint8Array.from(atob(address.split(",")[1]), (sign) => sign.charCodeAt(0)).buffer
  } else {
    const answer = await fetch(address)
    if (!answer.ok) throw new Error(answer.status)
    content = await answer.arrayBuffer()
  }
  return [await createImageBitmap(new Blob([content], { type: "image/png" })), notes(new Uint8Array(content))]
}

function notes(bytes) {
  const view = new DataView(bytes.buffer)
  const text = new TextDecoder("latin1")
  for (let place = 8; place + 12 <= bytes.length; ) {
    const length = view.getUint32(place)
    const kind = text.decode(bytes.subarray(place + 4, place + 8))
    if (kind === "tEXt") {
      const [name, value] = text.decode(bytes.subarray(place + 8, place + 8 + length)).split("\0")
      try {
        if (name === "notes") return sound(JSON.parse(value))
      } catch {
        return {}
      }
    }
    place += length + 12
  }
  return {}
}

// Of the notes only lists of numbers: a run that was brought along may hold anything.
function sound(found) {
  const numbers = (values) => Array.isArray(values) && values.every((value) => Number.isFinite(value))
  return Object.fromEntries(Object.entries(found ?? {}).filter(([, values]) => numbers(values)))
}

function size(canvas, { columns, rows, scale, gap }) {
  const width = columns * (TILE * scale + gap) + gap
  const height = rows * (TILE * scale + gap) + gap
  if (canvas.width !== width || canvas.height !== height) {
    canvas.width = width
    canvas.height = height
  }
  canvas.style.width = `${width}px`
  canvas.style.height = `${height}px`
}

// The tiles of a sheet, a whole number of times their size, framed by what the discriminator says of each.
function paint(canvas, { columns, scale, gap, tiles }, sheet, answers) {
  const context = canvas.getContext("2d")
  const styles = getComputedStyle(canvas)
  context.imageSmoothingEnabled = false
  context.fillStyle = "#000"
  context.fillRect(0, 0, canvas.width, canvas.height)
  const side = TILE * scale
  const across = sheet ? Math.max(1, Math.round((sheet.width + 1) / (TILE + 1))) : columns
  for (let tile = 0; tile < tiles; tile++) {
    const x = gap + (tile % columns) * (side + gap)
    const y = gap + Math.floor(tile / columns) * (side + gap)
    if (sheet) {
      const left = (tile % across) * (TILE + 1)
      const top = Math.floor(tile / across) * (TILE + 1)
      if (top + TILE <= sheet.height) context.drawImage(sheet, left, top, TILE, TILE, x, y, side, side)
    } else {
      context.fillStyle = "#1d1d1d"
      context.fillRect(x, y, side, side)
    }
    const answer = answers?.[tile]
    if (answer === undefined || !sheet) continue
    const real = answer >= 0.5
    const line = Math.max(1, Math.round(gap * (0.25 + 0.5 * Math.abs(2 * answer - 1))))
    context.strokeStyle = styles.getPropertyValue(real ? "--gm-real" : "--gm-generated").trim() || "#fff"
    context.lineWidth = line
    context.setLineDash(real ? [] : [2 * scale, 2 * scale])
    context.strokeRect(x - line / 2, y - line / 2, side + line, side + line)
  }
}

// What the discriminator answers, between 0, surely generated, and 1, surely real.
class Dial {
  constructor(parent) {
    this.root = draw("svg", { class: "gm-dial", viewBox: "0 0 220 124", role: "img" }, parent)
    draw("path", { d: "M 30 100 A 80 80 0 0 1 190 100", class: "gm-arc" }, this.root)
    this.even = draw("g", {}, this.root)
    draw("text", { x: 30, y: 118, "text-anchor": "middle" }, this.root, "0")
    draw("text", { x: 190, y: 118, "text-anchor": "middle" }, this.root, "1")
    this.needles = ["gm-real", "gm-generated"].map((name) => draw("g", { class: name }, this.root))
    this.words = draw("text", { x: 110, y: 120, "text-anchor": "middle", class: "gm-dial-words" }, this.root)
  }

  render(answers, even, words) {
    this.root.setAttribute(
      "aria-label",
      answers
        ? `The discriminator's mean answer: ${answers[0].toFixed(2)} to real images, ${answers[1].toFixed(2)} to generated ones. ${words}`
        : "The discriminator has not answered yet.",
    )
    const place = (value, radius) => {
      const angle = Math.PI * (1 - Math.min(1, Math.max(0, value)))
      return [110 + radius * Math.cos(angle), 100 - radius * Math.sin(angle)]
    }
    this.even.replaceChildren()
    if (even) {
      const [x1, y1] = place(even, 72)
      const [x2, y2] = place(even, 88)
      draw("line", { x1, y1, x2, y2, class: "gm-even" }, this.even)
      const [x, y] = place(even, 94)
      draw("text", { x, y, "text-anchor": "middle" }, this.even, String(+even.toFixed(3)))
    }
    this.needles.forEach((needle, index) => {
      needle.replaceChildren()
      if (!answers) return
      const [x, y] = place(answers[index], index ? 60 : 74)
      draw("line", { x1: 110, y1: 100, x2: x, y2: y }, needle)
      if (index) draw("rect", { x: x - 4, y: y - 4, width: 8, height: 8 }, needle)
      else draw("circle", { cx: x, cy: y, r: 5 }, needle)
    })
    say(this.words, answers ? `● real ${answers[0].toFixed(2)}   ■ generated ${answers[1].toFixed(2)}` : "")
  }
}

// Curves over all epochs, with the mark of the film strip and the exact values where it stands.
class Chart {
  constructor(parent, act) {
    this.act = act
    this.root = make("figure", "gm-chart", parent)
    this.caption = make("figcaption", "", this.root)
    this.title = make("strong", "", this.caption)
    this.values = make("span", "", this.caption)
    this.standing = make("p", "gm-standing", this.root)
    this.svg = draw("svg", { role: "img" }, this.root)
    this.root.onpointermove = (event) => this.point(event, false)
    this.root.onpointerleave = () => {
      this.hovered = null
      this.render(this.plot, this.act.shown, this.index)
    }
    this.svg.onclick = (event) => this.point(event, true)
  }

  point(event, go) {
    if (!this.plot) return
    const box = this.svg.getBoundingClientRect()
    const epoch = ((event.clientX - box.left - LEFT) / (box.width - LEFT - RIGHT)) * this.act.data.epochs
    if (go) this.act.stage.goTo(epoch * this.act.data.images)
    else {
      this.hovered = epoch
      this.render(this.plot, this.act.shown, this.index)
    }
  }

  render(plot, row, index) {
    this.plot = plot
    this.index = index
    if (!plot) return
    const { data } = this.act
    say(this.title, plot.title)
    say(this.standing, plot.standing)
    this.standing.title = plot.standing
    const live = data.now?.p?.[index]
    const curves = plot.curves.map((curve, number) => ({
      ...curve,
      points: live && live[number] !== null ? [...curve.points, [data.now.e, live[number]]] : curve.points,
    }))
    const epoch = this.hovered ?? row?.e ?? 0
    const said = curves
      .map((curve) => [curve, nearest(curve.points, epoch)])
      .filter(([, point]) => point)
      .map(([curve, point]) => `${curve.name} ${number(point[1])}`)
    say(this.values, said.length ? ` ${said.join(" · ")}${this.hovered === null || this.hovered === undefined ? "" : ` at epoch ${number(nearest(curves[0].points, epoch)?.[0] ?? 0)}`}` : "")
    this.svg.setAttribute("aria-label", `${plot.title}, ${plot.unit}, over the epochs. ${said.join(", ") || "No values yet"}.`)
    this.draw(plot, curves, epoch)
  }

  draw(plot, curves, epoch) {
    const width = Math.max(this.svg.clientWidth, 120)
    const height = Math.max(this.svg.clientHeight, 60)
    const { data } = this.act
    const svg = this.svg
    svg.setAttribute("viewBox", `0 0 ${width} ${height}`)
    svg.replaceChildren()
    const stacked = plot.stacked ? stack(curves.filter((curve) => curve.stacked)) : []
    const [low, high] = bounds(plot, curves, stacked)
    const x = (at) => LEFT + (at / data.epochs) * (width - LEFT - RIGHT)
    const y = (value) => TOP + (1 - (value - low) / (high - low)) * (height - TOP - BOTTOM)
    const values = curves.some((curve) => curve.points.length) || plot.bounds
    for (const tick of values ? ticks(low, high) : []) {
      draw("line", { x1: LEFT, x2: width - RIGHT, y1: y(tick), y2: y(tick), class: "gm-grid" }, svg)
      draw("text", { x: LEFT - 5, y: y(tick) + 4, "text-anchor": "end" }, svg, number(tick))
    }
    draw("text", { x: LEFT, y: height - 2 }, svg, "0")
    draw("text", { x: width - RIGHT, y: height - 2, "text-anchor": "end" }, svg, `${data.epochs} epochs`)
    draw("text", { x: (LEFT + width - RIGHT) / 2, y: height - 2, "text-anchor": "middle" }, svg, plot.unit)
    stacked.forEach(({ lower, upper }, index) => {
      const path = [...upper.map(([e, v]) => [x(e), y(v)]), ...lower.toReversed().map(([e, v]) => [x(e), y(v)])]
      if (path.length) draw("path", { d: `M${path.map((point) => point.map((c) => c.toFixed(1)).join(" ")).join("L")}Z`, class: `gm-area gm-area-${index}` }, svg)
    })
    for (const rule of plot.rules) {
      draw("line", { x1: LEFT, x2: width - RIGHT, y1: y(rule.value), y2: y(rule.value), class: "gm-rule" }, svg)
      draw("text", { x: LEFT + 4, y: y(rule.value) - 3, class: "gm-halo" }, svg, rule.name)
    }
    for (const [at, words] of data.marks) {
      const line = draw("line", { x1: x(at), x2: x(at), y1: TOP, y2: height - BOTTOM, class: "gm-change" }, svg)
      draw("title", {}, line, words)
    }
    const ends = []
    curves.forEach((curve, index) => {
      const shape = curve.stacked ? stacked[index].upper : curve.points
      if (!shape.length) return
      const points = shape.map(([e, v]) => `${x(e).toFixed(1)} ${y(Math.min(high, Math.max(low, v))).toFixed(1)}`)
      draw("path", { d: `M${points.join("L")}`, class: `gm-line gm-line-${curve.style}` }, svg)
      const [e, v] = shape[shape.length - 1]
      if (shape.length === 1) draw("circle", { cx: x(e), cy: y(v), r: 2.5, class: `gm-dot gm-line-${curve.style}` }, svg)
      ends.push({ name: curve.name, style: curve.style, x: x(e), y: y(Math.min(high, Math.max(low, v))) })
      const here = nearest(shape, epoch)
      if (here) draw("circle", { cx: x(here[0]), cy: y(Math.min(high, Math.max(low, here[1]))), r: 3.5, class: `gm-dot gm-line-${curve.style}` }, svg)
    })
    label(ends, width, height, svg)
    draw("line", { x1: x(epoch), x2: x(epoch), y1: TOP, y2: height - BOTTOM, class: "gm-now" }, svg)
  }
}

const LEFT = 38
const RIGHT = 8
const TOP = 6
const BOTTOM = 16

// Each name stands at the end of its curve, on the side where there is room, and never on another name.
function label(ends, width, height, svg) {
  ends.sort((a, b) => a.y - b.y)
  if (!ends.length) return
  // The upper half of the names stands above their curves, the rest below, so that none lies on a line; where there is
  // no room on one side, all stand on the other.
  const crowdedBelow = ends[ends.length - 1].y + 14 > height - BOTTOM - 2
  const above = crowdedBelow ? ends.length : ends[0].y - 6 < TOP + 9 ? 0 : Math.ceil(ends.length / 2)
  const places = ends.map((end, index) => (index < above ? end.y - 6 : end.y + 14))
  for (let index = above - 2; index >= 0; index--) places[index] = Math.min(places[index], places[index + 1] - 12)
  for (let index = above + 1; index < ends.length; index++) places[index] = Math.max(places[index], places[index - 1] + 12)
  const shift = Math.max(0, TOP + 6 - Math.min(...places))
  for (const [index, end] of ends.entries()) {
    const y = places[index] + shift
    const right = end.x < width * 0.6
    draw(
      "text",
      { x: right ? end.x + 6 : end.x - 7, y, "text-anchor": right ? "start" : "end", class: `gm-halo gm-name-${end.style}` },
      svg,
      end.name,
    )
  }
}

function stack(curves) {
  const total = new Map()
  return curves.map((curve) => {
    const lower = curve.points.map(([e]) => [e, total.get(e) ?? 0])
    const upper = curve.points.map(([e, v]) => [e, (total.get(e) ?? 0) + v])
    upper.forEach(([e, v]) => total.set(e, v))
    return { lower, upper }
  })
}

function bounds(plot, curves, stacked) {
  if (plot.bounds) return plot.bounds
  const values = [
    ...curves.filter((curve) => !curve.stacked).flatMap((curve) => curve.points.map(([, v]) => v)),
    ...stacked.flatMap(({ upper }) => upper.map(([, v]) => v)),
    ...plot.rules.map((rule) => rule.value),
    ...(plot.stacked ? [0] : []),
  ].sort((a, b) => a - b)
  if (!values.length) return [0, 1]
  const low = values[0]
  const high = values[values.length - 1]
  const room = (high - low || Math.abs(high) || 1) * 0.06
  return [plot.stacked ? 0 : low - room, high + room]
}

function ticks(low, high) {
  const rough = (high - low) / 3
  const power = 10 ** Math.floor(Math.log10(rough))
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((size) => size >= rough)
  const found = []
  // Counted, not added up: beside huge values a step adds nothing.
  const first = Math.ceil(low / step)
  for (let count = 0; count < 8 && (first + count) * step <= high + 1e-9; count++) {
    found.push(+((first + count) * step).toPrecision(6))
  }
  return found
}

function nearest(points, epoch) {
  let found = null
  for (const point of points) if (!found || Math.abs(point[0] - epoch) < Math.abs(found[0] - epoch)) found = point
  return found
}

function number(value) {
  if (Math.abs(value) >= 100) return value.toFixed(Math.abs(value) < 1000 && !Number.isInteger(value) ? 1 : 0)
  return String(+value.toFixed(Math.abs(value) < 10 ? 2 : 1))
}
