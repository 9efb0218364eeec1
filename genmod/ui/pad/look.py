"""How the pad looks."""

# The image is an element of the pad, so that whoever finds the pad finds it, but stands beside it: a script writes down
# where its place in the page is. Sizes are whole numbers of an image's pixels.
STYLE = """
<style>
.gm-board { color: var(--st-text-color); font-family: var(--st-font); --digit-width: 308px; --digit-height: 308px;
  --gm-line: color-mix(in srgb, var(--st-text-color) 16%, var(--st-background-color));
  --gm-pale: color-mix(in srgb, var(--st-text-color) 78%, var(--st-background-color)); }
.gm-board * { box-sizing: border-box; }
.gm-board p, .gm-board figure, .gm-board h3 { margin: 0; padding: 0; }
.gm-maps { display: grid; gap: 1rem 2rem; }
.gm-two .gm-maps { grid-template-columns: repeat(2, minmax(0, 1fr)); }
.gm-map-of { min-width: 0; }
.gm-of { font-size: 1rem; margin: 0 0 0.4rem !important; overflow-wrap: anywhere; }
.gm-area-of { display: grid; grid-template-columns: auto minmax(0, 1fr); gap: 0 1.6rem; align-items: start; }
.gm-pad { position: relative; width: var(--side); height: var(--side); cursor: crosshair;
  border-radius: 4px; outline: 1px solid var(--gm-line); user-select: none; -webkit-user-select: none; }
.gm-pad:focus-visible { outline: 3px solid #1f7aa5; outline-offset: 2px; }
.gm-pad > .gm-ground, .gm-pad > .gm-points, .gm-pad > .gm-over { position: absolute; inset: 0; width: var(--side);
  height: var(--side); border-radius: 4px; pointer-events: none; }
/* A finger on the map moves the point; one on the image beside it scrolls the page. */
.gm-pad > .gm-over { pointer-events: auto; touch-action: none; }
.gm-digit { position: absolute; left: var(--digit-left); top: var(--digit-top); width: var(--digit-width);
  height: var(--digit-height); image-rendering: pixelated; background: #000; border-radius: 4px; cursor: default;
  outline: 8px solid #000; }
.gm-no-pad .gm-pad { width: 0; height: 0; outline: none; }
.gm-no-pad .gm-area-of { grid-template-columns: minmax(0, 1fr); }
.gm-read { min-width: 0; display: grid; grid-template-columns: auto minmax(7rem, 1fr); gap: 0.5rem 1.4rem;
  align-items: start; padding: 8px 0 0 8px; }
.gm-space { width: calc(var(--digit-width) + 8px); height: calc(var(--digit-height) + 8px); }
.gm-bars { display: grid; gap: 0; height: var(--digit-height); max-width: 15rem; align-content: space-between; }
.gm-bars div { display: grid; grid-template-columns: 1.6rem 1fr; align-items: center; font-size: 0.8125rem;
  line-height: 1.1; font-variant-numeric: tabular-nums; }
.gm-bars b { font-weight: 600; }
.gm-bars span { height: 0.6rem; background: var(--gm-line); border-radius: 2px; overflow: hidden; }
.gm-bars i { display: block; height: 100%; width: 0; background: var(--gm-pale); }
.gm-bars i.gm-most { background: var(--st-link-color); }
.gm-seen { grid-column: 1 / -1; font-size: 0.9375rem; line-height: 1.35rem; min-height: 1.35rem; }
.gm-nearest { grid-column: 1 / -1; display: flex; gap: 0.8rem; align-items: center; min-height: 84px; }
.gm-nearest:empty { display: none; }
.gm-nearest p { font-size: 0.875rem; line-height: 1.3; color: var(--gm-pale); max-width: 30ch; }
.gm-near { width: 84px; height: 84px; image-rendering: pixelated; background: #000; border-radius: 3px; flex: none; }
.gm-old { opacity: 0.35; }
.gm-tens { grid-column: 1 / -1; }
.gm-tens:empty { display: none; }
.gm-tens canvas { width: 288px; image-rendering: pixelated; background: #303030; border-radius: 3px; display: block; }
.gm-tens figcaption, .gm-caption { font-size: 0.8125rem; line-height: 1.35; color: var(--gm-pale);
  padding-top: 0.3rem !important; max-width: 78ch; }
.gm-caption:empty, .gm-no-pad .gm-caption { display: none; }
.gm-legend { display: flex; flex-wrap: wrap; gap: 0.25rem; margin-top: 0.4rem; }
.gm-legend:empty { display: none; }
.gm-legend button { font: inherit; font-weight: 700; font-size: 0.9375rem; min-width: 2.1rem; height: 2.1rem;
  padding: 0 0.5rem; color: var(--mark); background: transparent; border: 1px solid var(--gm-line); cursor: pointer;
  border-radius: 6px; display: inline-flex; gap: 0.35rem; align-items: center; justify-content: center; }
.gm-legend button small { font-weight: 400; color: var(--st-text-color); font-size: 0.8125rem; }
.gm-legend button[aria-pressed="true"] { border: 2px solid var(--mark); background: var(--gm-line); }
.gm-on-black button { background: #000; }
.gm-on-black button small { color: #fff; }
.gm-on-black button[aria-pressed="true"] { background: #000; outline: 2px solid var(--st-link-color); }
.gm-map-of > .gm-read:empty { display: none; }
.gm-beside { grid-column: 1 / -1; }
.gm-sliders { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 15.5rem), 1fr));
  gap: 0.5rem 1.6rem; margin-top: 0.9rem; }
.gm-slider { display: block; font-size: 0.875rem; }
.gm-slider span { display: flex; gap: 0.5rem; align-items: baseline; }
.gm-slider b { font-weight: 600; }
.gm-slider small { color: var(--gm-pale); font-size: 0.8125rem; flex: 1; overflow: hidden; text-overflow: ellipsis;
  white-space: nowrap; }
.gm-slider em { font-style: normal; font-variant-numeric: tabular-nums; }
.gm-slider input { width: 100%; margin: 0.15rem 0; height: 1.5rem; accent-color: var(--st-link-color);
  cursor: pointer; touch-action: pan-y; }
.gm-slider input:focus-visible, .gm-folded summary:focus-visible { outline: 3px solid #1f7aa5; outline-offset: 2px; }
.gm-folded { margin-top: 0.8rem; font-size: 0.875rem; }
.gm-folded summary { cursor: pointer; padding: 0.3rem 0; }
.gm-heard { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
.gm-below .gm-area-of { grid-template-columns: minmax(0, 1fr); }
.gm-two .gm-read { order: 2; }
.gm-two .gm-area-of { gap: 1rem 0; }
@media (max-width: 640px) {
  .gm-two .gm-maps { grid-template-columns: minmax(0, 1fr); }
  .gm-area-of { gap: 0.5rem 0; }
  .gm-below .gm-read { order: -1; }
  .gm-legend button { min-width: 1.9rem; padding: 0 0.3rem; }
  .gm-digit.gm-floating { position: fixed; left: auto; right: 0.8rem; top: 4.2rem; width: 84px; height: 84px;
    z-index: 30; outline-width: 5px; box-shadow: 0 3px 14px rgba(0, 0, 0, 0.5); }
}
</style>
"""
PAPER_STYLE = """
<style>
.gm-paper { --gm-line: color-mix(in srgb, var(--st-text-color) 30%, var(--st-background-color)); width: 296px;
  max-width: 100%; color: var(--st-text-color); }
.gm-paper * { box-sizing: border-box; }
.gm-sheet { width: 280px; height: 280px; image-rendering: pixelated; background: #000; cursor: crosshair;
  touch-action: none; box-sizing: content-box; border: 8px solid #000; border-radius: 6px; display: block; }
.gm-sheet:focus-visible, .gm-paper button:focus-visible { outline: 3px solid #1f7aa5; outline-offset: 2px; }
.gm-paper .gm-caption { font-size: 0.8125rem; line-height: 1.35; margin: 0.3rem 0; opacity: 0.85; }
.gm-paper-buttons { display: flex; gap: 0.5rem; }
.gm-paper button { font: inherit; font-size: 0.875rem; color: inherit; background: transparent; cursor: pointer;
  border: 1px solid var(--gm-line); border-radius: 6px; padding: 0.3rem 0.9rem; }
.gm-paper button:disabled { opacity: 0.5; cursor: default; }
.gm-paper .gm-heard { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
</style>
"""
