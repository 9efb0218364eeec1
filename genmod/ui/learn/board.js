// A plane to place points in. The models behind the picture are the server's: it is told when a hand lets go, and until
// its answer comes the points stand where the hand has put them.

const SVG = "http://www.w3.org/2000/svg"
const MARGIN = { left: 28, right: 10, top: 20, bottom: 34 } // pixels around the square
const SIZE = 6.5 // pixels from a mark's middle to its edge
const REACH = 13 // pixels within which a hand takes hold of a mark
const MOVED = 4 // pixels that a pointer may tremble in a click
const PATIENCE = 30000 // milliseconds after which an answer is no longer waited for
const KEYS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowDown: [0, -1], ArrowUp: [0, 1] }
const planes = new WeakMap()

export function plane({ data, parentElement, setTriggerValue }) {
  let found = planes.get(parentElement)
  if (!found) {
    found = new Plane(parentElement.querySelector(".gm-plane"))
    planes.set(parentElement, found)
  }
  found.tell = (moved) => setTriggerValue("moved", moved)
  found.update(data)
  return () => {
    planes.delete(parentElement)
    found.close()
  }
}

function draw(name, attributes, parent) {
  const element = document.createElementNS(SVG, name)
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value)
  if (parent) parent.append(element)
  return element
}

// Each class has a mark of its own: a disc, a triangle, a square.
function outline(number, size) {
  if (number === 0) return `M${-size} 0A${size} ${size} 0 1 0 ${size} 0A${size} ${size} 0 1 0 ${-size} 0Z`
  if (number === 1) return `M0 ${-1.2 * size}L${1.15 * size} ${0.85 * size}L${-1.15 * size} ${0.85 * size}Z`
  return `M${-0.9 * size} ${-0.9 * size}H${0.9 * size}V${0.9 * size}H${-0.9 * size}Z`
}

class Plane {
  constructor(root) {
    this.root = root
    this.tool = 0
    this.sent = 0
    this.sentAt = 0
    this.answered = 0
    this.cursor = [50, 50]
    this.tools = make("div", "gm-tools", root)
    this.tools.setAttribute("role", "group")
    this.tools.setAttribute("aria-label", "What a click does")
    this.area = make("div", "gm-area", root)
    this.area.tabIndex = 0
    this.area.setAttribute("role", "application")
    this.area.setAttribute("aria-roledescription", "plane of points")
    this.svg = draw("svg", { "aria-hidden": "true" }, this.area)
    this.legend = make("p", "gm-key-of", root)
    const help = make("p", "gm-caption", root)
    help.textContent = "Click to place a point, drag to move one."
    this.keys = make("span", "gm-keys", help)
    this.said = make("p", "gm-heard", root)
    this.said.setAttribute("role", "status")
    this.observer = new ResizeObserver(() => this.layout())
    this.observer.observe(root)
    this.listen()
  }

  close() {
    this.observer.disconnect()
  }

  update(data) {
    const dressed = JSON.stringify([data.colors, data.page, data.ink, data.classes])
    this.data = data
    if (data.serial === this.sent || performance.now() - this.sentAt > PATIENCE) this.answered = this.sent
    // What a hand has placed since the server was told is newer than what it says.
    if (!this.held && (this.answered === this.sent || !this.points)) {
      this.points = data.points.map((point) => [...point])
      this.test = [...data.test]
    }
    if (dressed !== this.dressed) {
      this.dressed = dressed
      this.offer()
    }
    this.area.setAttribute("aria-label", `${data.words} Arrow keys move a cross, Enter does what a click does.`)
    this.keys.textContent =
      " Keys: arrows move a cross (with Shift farther), Enter clicks there, Delete erases; " +
      `1 to ${data.classes.length}, T and E choose what a click does.`
    this.explain()
    this.layout()
  }

  offer() {
    const { classes, colors } = this.data
    this.tools.replaceChildren(make("b", "", null, "A click places"))
    const button = (tool, text, fill) => {
      const found = make("button", "", this.tools)
      found.type = "button"
      found.dataset.tool = tool
      if (fill) draw("path", { d: outline(tool, 6), fill }, draw("svg", { viewBox: "-8 -8 16 16" }, found))
      found.append(text)
      found.onclick = () => this.take(tool)
    }
    classes.forEach((name, number) => button(number, name, colors[number]))
    button("test", "Test point")
    button("erase", "Erase")
    this.press()
  }

  // What the lines and marks mean.
  explain() {
    const { data } = this
    const said = JSON.stringify([data.legend, this.dressed])
    if (said === this.explained) return
    this.explained = said
    this.legend.replaceChildren()
    for (const [sign, words] of data.legend) {
      const entry = make("span", "", this.legend)
      const svg = draw("svg", { viewBox: "-15 -8 30 16", width: 30, height: 16, "aria-hidden": "true" }, entry)
      const line = { fill: "none", stroke: data.ink, "stroke-width": sign === "solid" ? 2.6 : 2 }
      const hue = data.colors[0]
      if (sign === "solid") draw("path", { ...line, d: "M-15 0H15" }, svg)
      if (sign === "dashed") draw("path", { ...line, d: "M-15 0H15", "stroke-dasharray": "7 4.5" }, svg)
      for (const size of sign === "around" ? [1, 0.5] : []) {
        draw("ellipse", { rx: 14 * size, ry: 7 * size, fill: "none", stroke: hue, "stroke-width": 1.4 }, svg)
      }
      if (sign === "placed") draw("path", { d: outline(0, 6), fill: hue }, svg)
      if (sign === "drawn") draw("path", { d: outline(0, 5.5), fill: "none", stroke: hue, "stroke-width": 2.4 }, svg)
      entry.append(words)
    }
  }

  take(tool) {
    this.tool = tool
    this.press()
    const { classes } = this.data
    const what = { test: "A click moves the test point.", erase: "A click takes away a point." }
    say(this.said, what[tool] ?? `A click places a point of class ${classes[tool]}.`)
  }

  press() {
    for (const button of this.tools.querySelectorAll("button")) {
      button.setAttribute("aria-pressed", String(button.dataset.tool === String(this.tool)))
    }
    this.area.dataset.tool = this.tool
  }

  // Steps of the grid to pixels, and back.
  x(step) {
    return MARGIN.left + (step / this.data.steps) * this.side
  }

  y(step) {
    return MARGIN.top + (1 - step / this.data.steps) * this.side
  }

  place(event) {
    const box = this.svg.getBoundingClientRect()
    const across = ((event.clientX - box.left - MARGIN.left) / this.side) * this.data.steps
    const up = (1 - (event.clientY - box.top - MARGIN.top) / this.side) * this.data.steps
    return [across, up]
  }

  snapped(place) {
    return place.map((step) => Math.min(this.data.steps - 1, Math.max(0, Math.round(step))))
  }

  layout() {
    const width = Math.floor(this.root.clientWidth)
    if (!this.data || !width) return
    this.side = width - MARGIN.left - MARGIN.right
    this.svg.setAttribute("height", this.side + MARGIN.top + MARGIN.bottom)
    this.ground()
    this.marks()
  }

  // What the models make of the points: changes with the server's answers alone.
  ground() {
    const { data, side } = this
    const state = JSON.stringify([side, data.ground.length, data.ground.slice(-400), data.solid, data.dashed, data.around, this.dressed])
    if (state === this.shown) return
    this.shown = state
    this.svg.replaceChildren()
    const clip = draw("clipPath", { id: "gm-plane-clip" }, draw("defs", {}, this.svg))
    draw("rect", { x: MARGIN.left, y: MARGIN.top, width: side, height: side, rx: 3 }, clip)
    const inside = draw("g", { "clip-path": "url(#gm-plane-clip)" }, this.svg)
    const frame = { x: MARGIN.left, y: MARGIN.top, width: side, height: side, rx: 3 }
    draw("rect", { ...frame, fill: data.ink, "fill-opacity": 0.03 }, inside)
    const scaled = draw("g", { transform: `translate(${MARGIN.left} ${MARGIN.top}) scale(${side / 100})` }, inside)
    if (data.ground) {
      const step = 100 / (data.grid - 1)
      const image = { x: -step / 2, y: -step / 2, width: 100 + step, height: 100 + step, preserveAspectRatio: "none" }
      draw("image", { ...image, href: `data:image/png;base64,${data.ground}` }, scaled)
    }
    const line = { fill: "none", "vector-effect": "non-scaling-stroke" }
    for (const [number, d] of data.around) {
      draw("path", { ...line, d, stroke: data.colors[number], "stroke-width": 1.4 }, scaled)
    }
    for (const value of data.strips) {
      const x = this.x((value / data.side) * data.steps)
      const style = { stroke: data.ink, "stroke-opacity": 0.28, "stroke-dasharray": "1 4" }
      draw("line", { x1: x, x2: x, y1: MARGIN.top, y2: MARGIN.top + side, ...style }, inside)
    }
    const halo = { ...line, stroke: data.page, "stroke-opacity": 0.75, "stroke-width": 5 }
    if (data.dashed) {
      draw("path", { ...halo, d: data.dashed }, scaled)
      draw("path", { ...line, d: data.dashed, stroke: data.ink, "stroke-width": 2, "stroke-dasharray": "7 5" }, scaled)
    }
    if (data.solid) {
      draw("path", { ...halo, d: data.solid }, scaled)
      draw("path", { ...line, d: data.solid, stroke: data.ink, "stroke-width": 2.6 }, scaled)
    }
    draw("rect", { ...frame, fill: "none", stroke: data.ink, "stroke-opacity": 0.35 }, this.svg)
    this.axes()
    this.layer = draw("g", {}, this.svg)
  }

  axes() {
    const { data, side } = this
    const text = (x, y, words, more = {}) => {
      draw("text", { x, y, "text-anchor": "middle", ...more }, this.svg).textContent = words
    }
    for (let value = 0; value <= data.side; value += 2) {
      const step = (value / data.side) * data.steps
      text(this.x(step), MARGIN.top + side + 16, value)
      text(MARGIN.left - 6, this.y(step) + 4, value, { "text-anchor": "end" })
    }
    text(this.x(data.steps / 2), MARGIN.top + side + 31, "x\u2081")
    text(9, this.y(data.steps / 2) + 4, "x\u2082")
    const edges = [0, ...data.strips, data.side]
    for (let place = 0; place + 1 < edges.length; place++) {
      const middle = ((edges[place] + edges[place + 1]) / 2 / data.side) * data.steps
      text(this.x(middle), MARGIN.top - 7, `strip ${place + 1}`, { class: "gm-strip" })
    }
  }

  marks() {
    const { data, layer } = this
    layer.replaceChildren()
    const mark = (number, x, y, more) =>
      draw("path", { d: outline(number, SIZE), transform: `translate(${x} ${y})`, ...more }, layer)
    const all = JSON.stringify(data.samples)
    const fresh = all !== this.drawn
    data.samples.forEach(([across, up, number], place) => {
      const [x, y] = [this.x((across / data.side) * data.steps), this.y((up / data.side) * data.steps)]
      if (across < 0 || across > data.side || up < 0 || up > data.side) return
      const style = { fill: data.page, stroke: data.colors[number], "stroke-width": 2.4 }
      const found = mark(number, x, y, { ...style, ...(fresh ? { class: "gm-fresh" } : {}) })
      if (fresh) found.style.animationDelay = `${30 * place}ms`
    })
    this.drawn = all
    this.points.forEach(([across, up, number], place) => {
      mark(number, this.x(across), this.y(up), { fill: data.colors[number], stroke: data.page, "stroke-width": 1.4 })
      draw("circle", { cx: this.x(across), cy: this.y(up), r: REACH, class: "gm-hit", "data-point": place }, layer)
    })
    const [x, y] = this.test.map((value) => (value / data.side) * data.steps)
    const middle = { cx: this.x(x), cy: this.y(y) }
    draw("circle", { ...middle, r: 10.5, fill: data.page, stroke: data.ink, "stroke-width": 2.4 }, layer)
    const sign = { x: middle.cx, y: middle.cy + 5, "text-anchor": "middle", style: "font-weight:700;font-size:14px" }
    draw("text", sign, layer).textContent = "?"
    draw("circle", { ...middle, r: REACH, class: "gm-hit", "data-point": "test" }, layer)
    if (this.byKey && document.activeElement === this.area) {
      const [cx, cy] = [this.x(this.cursor[0]), this.y(this.cursor[1])]
      for (const [stroke, width] of [[data.page, 5], [data.ink, 2]]) {
        const d = `M${cx - 13} ${cy}H${cx + 13}M${cx} ${cy - 13}V${cy + 13}`
        draw("path", { d, stroke, "stroke-width": width, "pointer-events": "none" }, layer)
      }
    }
  }

  send() {
    this.sent = Date.now() > this.sent ? Date.now() : this.sent + 1
    this.sentAt = performance.now()
    this.tell({ serial: this.sent, points: this.points, test: this.test })
    this.marks()
  }

  // What a click, or Enter, does at a place.
  act(place) {
    const { data } = this
    const at = this.snapped(place)
    const words = this.words(at)
    if (this.tool === "test") {
      this.moveTest(at)
      say(this.said, `The test point is at ${words}.`)
    } else if (this.tool === "erase") {
      this.erase(place)
      return
    } else if (this.points.length >= data.most) {
      say(this.said, `The plane is full: it holds ${data.most} points.`)
      return
    } else {
      this.points.push([...at, this.tool])
      say(this.said, `Class ${data.classes[this.tool]} placed at ${words}. ${this.points.length} points.`)
    }
    this.send()
  }

  moveTest(at) {
    this.test = at.map((step) => Math.round((step / this.data.steps) * this.data.side * 10) / 10)
  }

  erase(place) {
    const away = this.points.map(([across, up]) => Math.hypot(across - place[0], up - place[1]))
    const nearest = away.indexOf(Math.min(...away))
    if (nearest < 0 || (away[nearest] / this.data.steps) * this.side > 2 * REACH) {
      say(this.said, "There is no point here.")
      return
    }
    const [[across, up, number]] = this.points.splice(nearest, 1)
    say(this.said, `Class ${this.data.classes[number]} at ${this.words([across, up])} taken away. ${this.points.length} points.`)
    this.send()
  }

  words(at) {
    return at.map((step) => ((step / this.data.steps) * this.data.side).toFixed(1)).join(", ")
  }

  listen() {
    const { area } = this
    let from = null
    area.onpointerdown = (event) => {
      if ((event.button ?? 0) !== 0 || this.held) return
      this.byKey = false
      from = { x: event.clientX, y: event.clientY, id: event.pointerId, moved: false }
      const hit = event.target.closest?.("[data-point]")?.dataset.point
      if (hit === undefined || (this.tool === "erase" && hit !== "test")) return
      this.held = { point: hit === "test" ? "test" : Number(hit), id: event.pointerId }
      area.setPointerCapture(event.pointerId)
    }
    area.onpointermove = (event) => {
      if (!from || event.pointerId !== from.id) return
      from.moved ||= Math.hypot(event.clientX - from.x, event.clientY - from.y) > MOVED
      if (!this.held || !from.moved) return
      const at = this.snapped(this.place(event))
      if (this.held.point === "test") this.moveTest(at)
      else this.points[this.held.point].splice(0, 2, ...at)
      this.marks()
    }
    area.onpointerup = (event) => {
      if (!from || event.pointerId !== from.id) return
      const { held } = this
      const { moved } = from
      this.held = from = null
      if (held && moved) this.send()
      else if (!moved) this.click(event)
    }
    area.onpointercancel = () => {
      const dragged = this.held && from?.moved
      this.held = from = null
      if (dragged) this.send()
    }
    area.onfocus = () => {
      this.byKey = area.matches(":focus-visible")
      if (this.layer) this.marks()
    }
    area.onblur = () => this.layer && this.marks()
    area.onkeydown = (event) => this.key(event)
  }

  click(event) {
    const place = this.place(event)
    const inside = place.every((step) => step > -2 && step < this.data.steps + 2)
    if (!inside) return
    this.cursor = this.snapped(place)
    this.act(place)
  }

  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return
    const arrow = KEYS[event.key]
    const number = Number(event.key) - 1
    this.byKey = true
    if (arrow) {
      const far = event.shiftKey ? 10 : 2
      this.cursor = this.snapped(this.cursor.map((step, axis) => step + far * arrow[axis]))
      say(this.said, this.words(this.cursor))
      this.marks()
    } else if (event.key === "Enter" || event.key === " ") this.act(this.cursor)
    else if (event.key === "Delete" || event.key === "Backspace") this.erase(this.cursor)
    else if (event.key.toLowerCase() === "t") this.take("test")
    else if (event.key.toLowerCase() === "e") this.take("erase")
    else if (Number.isInteger(number) && number >= 0 && number < this.data.classes.length) this.take(number)
    else return
    event.preventDefault()
  }
}
