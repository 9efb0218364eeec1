// Small tools of the scripts: elements, sentences and numbers.

function make(name, className, parent, text) {
  const element = document.createElement(name)
  if (className) element.className = className
  if (text !== undefined) element.textContent = text
  if (parent) parent.append(element)
  return element
}

function say(element, text) {
  if (element.textContent !== text) element.textContent = text
}

const rounded = (value) => Math.round(value * 100) / 100 + 0 // 0 and not -0
const shown = (value) => rounded(value).toFixed(2).replace("-", "\u2212")
const dot = (a, b) => a.reduce((sum, value, place) => sum + value * b[place], 0)
const percent = (share) => `${Math.round(100 * share)} %`
