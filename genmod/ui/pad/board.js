// The latent pad: a point that a hand moves over a plane of latent space, and the image that the decoder draws there, at
// the screen's rate. Nothing is asked of the server until the hand lets go.

const BUSY_BUDGET = 3 // milliseconds a frame for the ground while a hand moves
const FREE_BUDGET = 8
const RESTING = 150 // milliseconds after a hand let go for which the ground waits: the server's answer comes first
const PHONE = 640 // pixels
const boards = new WeakMap()

export function board({ data, parentElement, setTriggerValue }) {
  let found = boards.get(parentElement)
  if (!found) {
    found = new Board(parentElement.querySelector(".gm-board"))
    boards.set(parentElement, found)
  }
  found.tell = (moved) => setTriggerValue("moved", moved)
  found.update(data)
  shows("board", data.version, setTriggerValue)
  return () => {
    boards.delete(parentElement)
    found.close()
    delete sides.board
  }
}
class Board {
  constructor(root) {
    this.root = root
    this.maps = []
    this.sent = 0
    this.sentAt = 0
    this.answered = 0
    this.moving = false
    this.rested = 0
    this.frame = null
    this.observer = new ResizeObserver(() => this.layout())
    this.observer.observe(root)
    this.watcher = new IntersectionObserver(() => this.float(), { threshold: [0, 0.05, 1] })
    this.scrolled = () => this.float()
    document.addEventListener("scroll", this.scrolled, { capture: true, passive: true })
  }

  close() {
    this.closed = true
    this.observer.disconnect()
    this.watcher.disconnect()
    document.removeEventListener("scroll", this.scrolled, { capture: true })
    clearTimeout(this.telling)
    cancelAnimationFrame(this.frame)
  }

  update(data) {
    const frame = JSON.stringify([data.maps.map((map) => [map.run, map.sampler, map.conditional]), data.numbers, data.pad])
    this.data = data
    if (frame !== this.framed) {
      this.framed = frame
      this.build()
    }
    if (data.serial === this.sent || performance.now() - this.sentAt > PATIENCE) this.answered = this.sent
    // What the hand has moved since the server was told is newer than what it says.
    if (!this.moving && this.answered === this.sent) this.z = Float64Array.from(data.z)
    else this.z ??= Float64Array.from(data.z)
    this.maps.forEach((map, index) => map.update(data.maps[index]))
    this.layout()
    this.draw()
  }

  build() {
    this.root.replaceChildren()
    this.watcher.disconnect()
    this.z = null
    this.moving = false
    this.root.classList.toggle("gm-two", this.data.maps.length > 1)
    this.root.classList.toggle("gm-no-pad", !this.data.pad)
    const row = make("div", "gm-maps", this.root)
    this.maps = this.data.maps.map((map) => new PadMap(this, row, map))
    this.watcher.observe(this.maps[0].space)
    this.sliders = new Sliders(this)
    this.live = make("p", "gm-heard", this.root)
    this.live.setAttribute("role", "status")
  }

  layout() {
    if (this.closed) return
    this.sliders.layout()
    for (const map of this.maps) map.layout()
    this.float()
    this.draw()
  }

  // On a phone the image stays in sight while the sliders below it are moved.
  float() {
    const map = this.maps[0]
    if (!map) return
    const space = map.space.getBoundingClientRect()
    const board = this.root.getBoundingClientRect()
    const top = 60
    const pad = map.pad.getBoundingClientRect()
    const below = pad.bottom < 0.55 * window.innerHeight // the pad itself is not covered while it is in use
    const away = window.innerWidth <= PHONE && space.bottom < top + 40 && below && board.bottom > top + 160
    map.digit.classList.toggle("gm-floating", away)
  }

  // Move the point; it is drawn in the next frame.
  set(z) {
    this.z = z
    this.draw()
  }

  draw() {
    if (this.closed) return
    this.frame ??= requestAnimationFrame(() => {
      this.frame = null
      if (this.closed || !this.z) return
      for (const map of this.maps) map.draw(this.z, this.moving)
      this.sliders.draw(this.z)
      if (this.unheard) this.hear()
      let unfinished = false
      const resting = this.rested - performance.now()
      if (resting > 0) setTimeout(() => this.draw(), resting)
      else for (const map of this.maps) unfinished = map.paint(this.moving ? BUSY_BUDGET : FREE_BUDGET) || unfinished
      if (unfinished) this.draw()
    })
  }

  // Tell the server where the point is now: at once when a hand lets go, a little later when keys are held.
  let_go(more = {}, wait = 0) {
    if (!this.moving) return
    clearTimeout(this.telling)
    const tell = () => {
      this.moving = false
      this.rested = performance.now() + RESTING
      this.z = this.z.map(rounded)
      this.sent = Math.max(this.sent, this.data.serial) + 1
      this.sentAt = performance.now()
      this.unheard = true
      this.tell({ z: [...this.z], serial: this.sent, ...more })
      this.draw()
    }
    if (wait) this.telling = setTimeout(tell, wait)
    else tell()
  }

  // What a screen reader says after a move.
  hear() {
    this.unheard = false
    const map = this.maps[0]
    const place = this.data.pad
      ? map.data.plane.names.map((name, index) => `${name} ${shown(map.placeOf(this.z)[index])}`).join(", ")
      : ""
    say(this.live, [place, map.words.textContent].filter(Boolean).join(". "))
  }
}
