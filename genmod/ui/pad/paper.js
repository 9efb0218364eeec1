// A paper to draw an image on, with a mouse, a finger, a pen or the keyboard. Each stroke goes to the server when it ends.

const BRUSH = 1.15 // pixels from the middle of the brush to where it fades
const papers = new WeakMap()

export function paper({ data, parentElement, setTriggerValue }) {
  let found = papers.get(parentElement)
  if (!found) {
    found = new Paper(parentElement.querySelector(".gm-paper"))
    papers.set(parentElement, found)
  }
  found.tell = (drawn) => setTriggerValue("drawn", drawn)
  found.update(data)
  return () => papers.delete(parentElement)
}

class Paper {
  constructor(root) {
    this.root = root
    this.canvas = make("canvas", "gm-sheet", root)
    this.canvas.tabIndex = 0
    this.canvas.setAttribute("role", "application")
    const help = make("p", "gm-caption", root)
    help.textContent = "Draw with the mouse, a finger or a pen. Keys: arrows move the brush, Space draws or lifts it."
    this.cursor = null // of the keyboard, in pixels
    this.down = false
    this.strokes = [] // the image before each of them
    const row = make("div", "gm-paper-buttons", root)
    this.undo = this.button(row, "Undo", () => this.take_back())
    this.clear = this.button(row, "Clear", () => this.wipe())
    this.said = make("p", "gm-heard", root)
    this.said.setAttribute("role", "status")
    this.listen()
  }

  button(parent, text, action) {
    const button = make("button", "", parent, text)
    button.type = "button"
    button.onclick = action
    return button
  }

  update(data) {
    const [height, width] = data.shape
    if (!this.values || this.canvas.width !== width || this.canvas.height !== height || data.version !== this.version) {
      this.version = data.version
      this.canvas.width = width
      this.canvas.height = height
      this.values = new Float32Array(width * height)
      this.strokes = []
      if (data.pixels) {
        const raw = atob(data.pixels)
        for (let i = 0; i < this.values.length; i++) this.values[i] = raw.charCodeAt(i) / 255
      }
    }
    this.canvas.setAttribute("aria-label", `Paper to draw a ${data.noun} on, ${width} by ${height} pixels`)
    this.show()
  }

  show() {
    const { canvas } = this
    const context = canvas.getContext("2d")
    const image = context.createImageData(canvas.width, canvas.height)
    for (let i = 0; i < this.values.length; i++) {
      const grey = Math.round(255 * this.values[i])
      image.data.set([grey, grey, grey, 255], 4 * i)
    }
    if (this.cursor && this.byKey && document.activeElement === canvas) {
      const place = 4 * (Math.round(this.cursor[1]) * canvas.width + Math.round(this.cursor[0]))
      image.data.set(this.down ? [255, 200, 60, 255] : [90, 180, 214, 255], place)
    }
    context.putImageData(image, 0, 0)
    this.undo.disabled = !this.strokes.length
    this.clear.disabled = !this.values.some((value) => value > 0)
  }

  dab(x, y) {
    const { canvas, values } = this
    for (let row = Math.max(0, Math.floor(y - 2)); row <= Math.min(canvas.height - 1, y + 2); row++) {
      for (let column = Math.max(0, Math.floor(x - 2)); column <= Math.min(canvas.width - 1, x + 2); column++) {
        const ink = Math.min(1, Math.max(0, 1.6 * (1 - Math.hypot(column - x, row - y) / (BRUSH + 0.7))))
        const place = row * canvas.width + column
        values[place] = Math.max(values[place], ink)
      }
    }
  }

  line(from, to) {
    const steps = Math.max(1, Math.ceil(3 * Math.hypot(to[0] - from[0], to[1] - from[1])))
    for (let step = 0; step <= steps; step++) {
      this.dab(from[0] + ((to[0] - from[0]) * step) / steps, from[1] + ((to[1] - from[1]) * step) / steps)
    }
  }

  begin() {
    this.strokes.push(this.values.slice())
    if (this.strokes.length > 30) this.strokes.shift()
  }

  end() {
    this.show()
    let text = ""
    for (const value of this.values) text += String.fromCharCode(Math.round(255 * value))
    this.tell({ pixels: btoa(text) })
  }

  take_back() {
    this.values = this.strokes.pop() ?? this.values
    this.end()
  }

  wipe() {
    this.begin()
    this.values.fill(0)
    this.end()
  }

  listen() {
    const { canvas } = this
    let last = null
    let pen = null // the pointer that draws; another finger draws nothing
    const place = (event) => {
      const box = canvas.getBoundingClientRect()
      return [
        ((event.clientX - box.left) / box.width) * canvas.width - 0.5,
        ((event.clientY - box.top) / box.height) * canvas.height - 0.5,
      ]
    }
    canvas.onpointerdown = (event) => {
      if (pen !== null || (event.button ?? 0) !== 0) return
      pen = event.pointerId
      this.byKey = false
      canvas.setPointerCapture(pen)
      this.begin()
      last = place(event)
      this.dab(...last)
      this.show()
    }
    canvas.onpointermove = (event) => {
      if (event.pointerId !== pen) return
      const all = event.getCoalescedEvents?.() ?? []
      for (const one of all.length ? all : [event]) {
        const next = place(one)
        this.line(last, next)
        last = next
      }
      this.show()
    }
    canvas.onpointerup = canvas.onpointercancel = canvas.onlostpointercapture = (event) => {
      if (event.pointerId !== pen) return
      last = pen = null
      this.end()
    }
    canvas.onfocus = () => {
      this.cursor ??= [canvas.width / 2, canvas.height / 2]
      this.byKey = canvas.matches(":focus-visible")
      this.show()
    }
    canvas.onblur = () => {
      if (this.down) {
        this.down = false
        this.end()
      }
      this.show()
    }
    canvas.onkeydown = (event) => {
      const arrow = ARROWS[event.key]
      this.byKey = true
      if (event.key === " ") {
        this.down = !this.down
        if (this.down) {
          this.begin()
          this.dab(...this.cursor)
          this.show()
        } else this.end()
        say(this.said, this.down ? "The brush is on the paper." : "The brush is lifted.")
      } else if (arrow) {
        const next = [
          Math.min(canvas.width - 1, Math.max(0, this.cursor[0] + arrow[0])),
          Math.min(canvas.height - 1, Math.max(0, this.cursor[1] - arrow[1])),
        ]
        if (this.down) this.line(this.cursor, next)
        this.cursor = next
        this.show()
      } else return
      event.preventDefault()
    }
  }
}
