// The pad and what stands below it are drawn apart. The one that shows something older than the other asks for itself
// to be drawn again, once for each version.

const sides = {}
const PATIENCE = 5000 // milliseconds after which a message counts as lost, as on a bad connection
const TOGETHER = 80 // milliseconds within which a run of the whole page brings both

export function follower({ data, setTriggerValue }) {
  shows("follower", data.version, setTriggerValue)
  return () => delete sides.follower
}
function shows(side, version, tell) {
  sides[side] = { ...sides[side], version, tell }
  setTimeout(() => {
    const { board: one, follower: other } = sides
    if (!one || !other || one.version === other.version) return
    const [older, newer] = one.version < other.version ? [one, other] : [other, one]
    const now = performance.now()
    if (older.asked === newer.version && now - older.at < PATIENCE) return
    older.asked = newer.version
    older.at = now
    older.tell("stale", newer.version)
  }, TOGETHER)
}
