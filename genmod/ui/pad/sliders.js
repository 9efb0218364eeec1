// A slider for each latent number, those that say most first, and those that say nothing folded away.

const SLIDER_STEP = 0.05 // of a press on an arrow

class Sliders {
  constructor(board) {
    this.board = board
    const { numbers, silent_words, many_words } = board.data
    this.inputs = []
    this.root = make("div", "gm-sliders", board.root)
    for (const number of numbers.filter((one) => one.open)) this.add(this.root, number)
    for (const [kind, words] of [["silent", silent_words], ["more", many_words]]) {
      const members = numbers.filter((one) => !one.open && (kind === "silent") === Boolean(one.silent))
      if (!members.length) continue
      const folded = make("details", "gm-folded", board.root)
      make("summary", "", folded, words)
      const inner = make("div", "gm-sliders", folded)
      for (const number of members) this.add(inner, number)
    }
  }

  add(parent, { place, name, says }) {
    const { board } = this
    const label = make("label", "gm-slider", parent)
    const head = make("span", "", label)
    make("b", "", head, name)
    make("small", "", head, says)
    const value = make("em", "", head)
    const input = make("input", "", label)
    input.type = "range"
    input.setAttribute("aria-label", says ? `${name}, ${says}` : name)
    input.min = -board.data.reach
    input.max = board.data.reach
    input.step = 0.01
    input.oninput = () => {
      board.moving = true
      const z = Float64Array.from(board.z)
      z[place] = Number(input.value)
      board.set(z)
    }
    input.onchange = () => board.let_go({}, this.byKey ? SETTLED : 0)
    input.onpointerdown = () => { this.byKey = false }
    // A slider that comes back to where it was has not changed, and says nothing.
    input.onpointerup = input.onpointercancel = input.onblur = () => board.let_go()
    input.onkeydown = (event) => {
      this.byKey = true
      const way = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1 }[event.key]
      if (!way) return
      event.preventDefault()
      const step = SLIDER_STEP * Math.max(1, board.data.reach / 4)
      input.value = rounded(Math.round(Number(input.value) / step + way) * step)
      input.oninput()
      input.onchange()
    }
    this.inputs.push({ place, input, value })
  }

  // A few stand beside the pad, below the image, where there is room; on a phone they follow the pad.
  layout() {
    const { board } = this
    const beside = window.innerWidth > PHONE && board.maps.length === 1 && this.root.children.length <= 4
    const home = beside ? board.maps[0].beside : board.root
    if (this.root.parentElement === home) return
    if (beside) home.append(this.root)
    else board.root.querySelector(".gm-maps").after(this.root)
  }

  draw(z) {
    for (const { place, input, value } of this.inputs) {
      const now = rounded(z[place])
      if (Number(input.value) !== now && document.activeElement !== input) input.value = now
      else if (document.activeElement === input && !this.board.moving) input.value = now
      say(value, shown(now))
    }
  }
}
