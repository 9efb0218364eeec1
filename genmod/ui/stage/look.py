"""How the stage looks, and the Train page around it."""

# The page: close together, so that all that moves is seen without scrolling; and of fixed heights, so that nothing
# below moves when a sentence changes.
STYLE = """
<style>
.st-key-top { min-height: 2.75rem; flex-wrap: wrap; }
.st-key-top > .st-key-head { flex: 1 1 14rem; min-width: 12rem; }
.st-key-head h2 { padding: 0; font-size: 1.5rem; line-height: 1.25; }
.st-key-head { min-height: 2.2rem; justify-content: center; }
.st-key-below_head { min-height: 1.4rem; margin-top: -0.8rem; }
.st-key-standing { min-height: 3.1rem; }
.st-key-standing [data-testid="stAlert"] > div { padding-top: 0.55rem; padding-bottom: 0.55rem; }
[data-testid="stMainBlockContainer"]:has(.st-key-top) { padding-top: 3.4rem; }
[data-testid="stMainBlockContainer"]:has(.st-key-top) h1 { padding: 0.4rem 0 0; font-size: 1.75rem; }
.st-key-stage_box { min-height: 621px; }
@media (max-width: 1180px) { .st-key-stage_box { min-height: 1165px; } }
@media (max-width: 640px) { .st-key-stage_box { min-height: 1261px; } }
@media (max-width: 480px) { .st-key-stage_box { min-height: 1201px; } }

.gm-stage { display: grid; grid-template-columns: auto minmax(0, 1fr); gap: 0 1.4rem; align-items: start;
  grid-template-areas: "show side" "strip side"; color: var(--st-text-color); font-family: var(--st-font);
  --gm-quiet: color-mix(in srgb, var(--st-text-color) 78%, var(--st-background-color));
  --gm-line: color-mix(in srgb, var(--st-text-color) 16%, var(--st-background-color));
  --gm-real: #3fb6e8; --gm-generated: #f0a13c; }
.gm-stage * { box-sizing: border-box; }
.gm-stage p, .gm-stage dl, .gm-stage dd, .gm-stage figure, .gm-stage h3 { margin: 0; padding: 0; }
.gm-show { grid-area: show; width: 612px; min-width: 0; max-width: 100%; }
.gm-side { grid-area: side; min-width: 0; }
.gm-strip { grid-area: strip; }
.gm-title { font-size: 1rem; height: 1.6rem; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.gm-tiles, .gm-pairs { display: block; background: #000; border-radius: 6px; image-rendering: pixelated;
  border: 1px solid var(--gm-line); box-sizing: content-box; }
.gm-under { font-size: 0.8125rem; line-height: 1.25rem; height: 2.5rem; overflow: hidden; color: var(--gm-quiet);
  padding-top: 0.2rem !important; }
.gm-show > .gm-under:last-child { height: 2.5rem; }
.gm-second { display: flex; align-items: center; gap: 1rem; min-height: 124px; margin-top: 0.3rem; }
.gm-dial { width: 220px; height: 124px; flex: none; overflow: visible; }
.gm-dial text { font-size: 12px; fill: var(--gm-quiet); }
.gm-dial .gm-dial-words { fill: var(--st-text-color); font-size: 12px; white-space: pre; }
.gm-arc { fill: none; stroke: var(--gm-line); stroke-width: 8; }
.gm-even { stroke: var(--st-text-color); stroke-width: 2; }
.gm-dial .gm-real line, .gm-dial .gm-generated line { stroke-width: 3; stroke: var(--st-text-color); }
.gm-dial .gm-generated line { stroke-dasharray: 5 3; }
.gm-dial .gm-real circle, .gm-dial .gm-generated rect { fill: var(--st-text-color); }
.gm-strip { display: flex; align-items: center; gap: 0.8rem; height: 2.6rem; }
.gm-strip button { font: inherit; font-size: 0.875rem; color: var(--st-text-color); cursor: pointer; height: 2rem;
  background: var(--st-background-color); border: 1px solid var(--st-border-color); border-radius: 6px;
  padding: 0 0.8rem; min-width: 4.2rem; }
.gm-strip button:disabled { opacity: 0.55; cursor: default; }
.gm-strip button:hover:not(:disabled) { border-color: var(--st-link-color); }
.gm-strip button:focus-visible, .gm-strip input:focus-visible {
  outline: 3px solid var(--st-link-color); outline-offset: 2px; }
.gm-track { position: relative; flex: 1; min-width: 6rem; height: 2rem; display: flex; align-items: center; }
.gm-track input { width: 100%; margin: 0; accent-color: var(--st-link-color); cursor: pointer; }
.gm-track .gm-done { position: absolute; left: 0; bottom: 0.1rem; height: 3px; border-radius: 2px;
  background: var(--st-link-color); opacity: 0.55; }
.gm-where { font-size: 0.8125rem; color: var(--gm-quiet); width: 12rem; font-variant-numeric: tabular-nums;
  white-space: nowrap; overflow: hidden; text-overflow: ellipsis; }
.gm-state { font-size: 0.9375rem; line-height: 1.35rem; height: 5.6rem; overflow: hidden; }
.gm-state strong { font-weight: 600; }
.gm-three { display: grid; grid-template-columns: repeat(3, minmax(0, 1fr)); gap: 0.4rem 1rem; height: 3.7rem; }
.gm-three dt { font-size: 0.8125rem; color: var(--gm-quiet); white-space: nowrap; overflow: hidden;
  text-overflow: ellipsis; }
.gm-three dd { font-size: 1.3rem; line-height: 1.9rem; font-variant-numeric: tabular-nums; white-space: nowrap; }
.gm-charts { display: flex; flex-direction: column; }
.gm-chart { height: calc(28.2rem / var(--gm-charts)); max-height: 16rem; min-width: 0; display: flex;
  flex-direction: column; }
.gm-chart figcaption { font-size: 0.8125rem; line-height: 1.2rem; height: 1.2rem; overflow: hidden; white-space: nowrap;
  text-overflow: ellipsis; font-variant-numeric: tabular-nums; color: var(--gm-quiet); }
.gm-chart figcaption strong { font-weight: 600; color: var(--st-text-color); }
.gm-chart .gm-standing { font-size: 0.8125rem; line-height: 1.2rem; height: 1.2rem; overflow: hidden;
  white-space: nowrap; text-overflow: ellipsis; font-variant-numeric: tabular-nums; color: var(--gm-quiet); }
.gm-chart svg { flex: 1; width: 100%; min-height: 0; display: block; overflow: visible; cursor: crosshair; }
.gm-chart text { font-size: 11px; fill: var(--gm-quiet); font-variant-numeric: tabular-nums; }
.gm-grid { stroke: var(--gm-line); stroke-width: 1; }
.gm-rule { stroke: var(--gm-quiet); stroke-width: 1; stroke-dasharray: 1 3; }
.gm-change { stroke: var(--gm-quiet); stroke-width: 1; stroke-dasharray: 2 3; }
.gm-now { stroke: var(--st-text-color); stroke-width: 1; pointer-events: none; }
.gm-line { fill: none; stroke-width: 2; }
.gm-line-back { stroke: var(--gm-quiet); }
.gm-line-front { stroke: var(--st-link-color); }
.gm-line.gm-line-front { stroke-dasharray: 6 3; }
.gm-dot.gm-line-back { fill: var(--gm-quiet); }
.gm-dot.gm-line-front { fill: var(--st-link-color); }
.gm-area { stroke: none; }
.gm-area-0 { fill: color-mix(in srgb, var(--st-text-color) 14%, transparent); }
.gm-area-1 { fill: color-mix(in srgb, var(--st-link-color) 45%, transparent); }
.gm-chart text.gm-halo { paint-order: stroke; stroke: var(--st-background-color); stroke-width: 3px; }
.gm-chart text.gm-name-front { fill: var(--st-link-color); }
.gm-two { grid-template-columns: minmax(0, 1fr) minmax(0, 1fr); grid-template-areas: none; }
.gm-two > section, .gm-two > .gm-strip { grid-area: auto; }
.gm-two > .gm-show { width: auto; }
.gm-two > .gm-strip { grid-column: 1 / -1; }
@media (max-width: 1180px) {
  .gm-stage { grid-template-columns: minmax(0, 1fr); grid-template-areas: "show" "strip" "side"; }
  .gm-show { width: auto; }
  .gm-charts { margin-top: 0.4rem; }
  .gm-two { grid-template-columns: minmax(0, 1fr) minmax(0, 1fr); grid-template-areas: none; }
}
@media (max-width: 640px) {
  .gm-two { grid-template-columns: minmax(0, 1fr); }
  .gm-strip { flex-wrap: wrap; height: auto; gap: 0 0.8rem; }
  .gm-where { width: 100%; order: 4; height: 1.4rem; }
  .gm-second { flex-wrap: wrap; justify-content: flex-start; gap: 0.4rem; }
  .gm-state { height: auto; min-height: 7rem; }
  .gm-under, .gm-show > .gm-under:last-child { height: auto; min-height: 2.5rem; }
  .gm-three dd { font-size: 1.15rem; }
  .gm-chart { height: calc(31.8rem / var(--gm-charts)); max-height: 17rem; }
  .gm-chart .gm-standing { white-space: normal; height: 2.4rem; }
}
</style>
"""
