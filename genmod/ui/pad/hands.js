// What hands and keys do on a pad.

const NEAR = 10 // pixels within which a click means a point of the map
const STILL = 4 // pixels that a pointer may move and still have clicked
const KEY_STEP = 0.1 // of a press on an arrow; with Shift the next held-out image in that direction is chosen
const SETTLED = 350 // milliseconds after the last key until the server is told
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }

class Walked {
  listen() {
    const { pad, board } = this
    let start = null
    pad.onpointerdown = (event) => {
      if (start || !board.data.pad || !board.z || event.target === this.digit || (event.button ?? 0) !== 0) return
      pad.setPointerCapture(event.pointerId)
      pad.focus({ preventScroll: true })
      board.moving = true
      start = { id: event.pointerId, x: event.clientX, y: event.clientY, clicked: true }
      this.move(event)
    }
    pad.onpointermove = (event) => {
      if (start?.id !== event.pointerId) return
      if (Math.hypot(event.clientX - start.x, event.clientY - start.y) > STILL) start.clicked = false
      this.move(event)
    }
    pad.onpointerup = (event) => {
      if (start?.id !== event.pointerId) return
      const { clicked } = start
      start = null
      const index = clicked ? this.image_at(event) : null
      if (index !== null) this.choose(index)
      else board.let_go()
    }
    pad.onpointercancel = pad.onlostpointercapture = (event) => {
      if (start?.id !== event.pointerId) return
      start = null
      board.let_go()
    }
    pad.onkeydown = (event) => {
      if (!board.data.pad || !board.z || event.ctrlKey || event.metaKey || event.altKey) return
      const arrow = ARROWS[event.key]
      if (arrow && event.shiftKey) this.step_to_image(arrow)
      else if (arrow) {
        const [a, b] = this.placeOf(board.z)
        const step = KEY_STEP * Math.max(1, this.limit / 4)
        const within = (value) => Math.min(this.limit, Math.max(-this.limit, rounded(value)))
        board.moving = true
        board.set(this.pointAt([within(a + step * arrow[0]), within(b + step * arrow[1])]))
        board.let_go({}, SETTLED)
      } else if (event.key === "Home") {
        board.moving = true
        board.set(this.pointAt([0, 0]))
        board.let_go({}, SETTLED)
      } else return
      event.preventDefault()
    }
  }

  place(event) {
    const box = this.pad.getBoundingClientRect()
    const within = (value) => Math.min(1, Math.max(0, value))
    return [
      this.limit * (2 * within((event.clientX - box.left) / this.side) - 1),
      this.limit * (1 - 2 * within((event.clientY - box.top) / this.side)),
    ]
  }

  move(event) {
    this.board.set(this.pointAt(this.place(event)))
  }

  // The held-out image below the pointer; null if there is none.
  image_at(event) {
    if (!this.codes || !this.data.held_out) return null
    const [a, b] = this.place(event)
    const unit = this.side / (2 * this.limit)
    let [found, least] = [null, NEAR / unit]
    for (let i = 0; i < this.codes.count; i++) {
      if (this.alone !== undefined && this.codes.labels[i] !== this.alone) continue
      const away = Math.hypot(this.placed[2 * i] - a, this.placed[2 * i + 1] - b)
      if (away < least) [found, least] = [i, away]
    }
    return found
  }

  // From the point to the nearest held-out image that lies in the direction of an arrow.
  step_to_image(arrow) {
    if (!this.codes || !this.data.held_out) return
    const [a, b] = this.placeOf(this.board.z)
    let [found, least] = [null, Infinity]
    for (let i = 0; i < this.codes.count; i++) {
      if (this.alone !== undefined && this.codes.labels[i] !== this.alone) continue
      const [dx, dy] = [this.placed[2 * i] - a, this.placed[2 * i + 1] - b]
      const along = dx * arrow[0] + dy * arrow[1]
      const away = Math.hypot(dx, dy)
      if (along > 0.7 * away && away > 0.02 && away < least && i !== this.data.chosen?.index) [found, least] = [i, away]
    }
    if (found !== null) this.choose(found)
  }

  choose(index) {
    const { dim, values } = this.codes
    this.board.moving = true
    this.board.set(Float64Array.from(values.subarray(index * dim, (index + 1) * dim)))
    this.board.let_go({ digit: index })
  }
}
