"use strict";
// What TFMA's component does not do by itself: open on the metric, threshold and slices that the page asks for, keep
// the order of the slices, fit the width of a page, and show whole intervals. Its methods are wrapped under their own
// names before the first element is made. One that is not there is left alone: the board then works as TFMA ships it.
const opening = {metrics: [], threshold: null, thresholds: {}, matched: {}, slices: new Set()};
const MOST_SLICES = 15;   // that the component opens at once
const MOST_GIVEN = 300;   // that it can be given to select from before it stands still
const shortName = (metric) => metric.replace(/^(fairness_indicators_metrics|post_export_metrics)\//, "");

(() => {
  const LABEL = 20;         // characters of a slanted label
  const LEFT = 40;          // of the chart; its floor at 340 is the component's
  let width = 900;          // of the chart, less on a narrow page, so that its text keeps its size
  let least = 300;          // what it may shrink to when the page does

  function wrap(tag, method, around) {
    const prototype = customElements.get(tag)?.prototype;
    const original = prototype?.[method];
    if (original) prototype[method] = function(...given) { return around.call(this, original.bind(this), ...given); };
  }

  function restyle(tag, rules) {
    const template = customElements.get(tag)?.template;
    if (!template) return;
    // A board that opens in the middle of a notebook must not take the focus.
    for (const element of template.content.querySelectorAll("[autofocus]")) element.removeAttribute("autofocus");
    const style = document.createElement("style");
    style.textContent = rules;
    template.content.append(style);
  }

  // --- which metrics come first, and which are open
  const SELECTOR = "fairness-metric-and-slice-selector";
  wrap(SELECTOR, "candidateSortFn", function(original, a, b) {
    const rank = (candidate) => (opening.metrics.indexOf(this.stripPrefix(candidate)) + 1) || Infinity;
    return rank(a) === rank(b) ? original(a, b) : rank(a) < rank(b) ? -1 : 1;
  });
  wrap(SELECTOR, "computedMetricsListCandidates_", function(original, available) {
    const candidates = original(available);   // opens the first one, a moment later
    setTimeout(() => {
      for (const candidate of candidates.slice(1)) {
        if (opening.metrics.includes(this.stripPrefix(candidate))) this.push("selectedMetricsListCandidates_", candidate);
      }
    }, 0);
    return candidates;
  });

  // --- slices in the page's order, all of a feature's slices open where they fit
  wrap("fairness-metrics-board", "computeSlices_", (original, rows) => {
    const shown = new Set(original(rows));
    return rows && rows.map((row) => row.slice).filter((name) => shown.has(name));
  });
  const SUMMARY = "fairness-metric-summary";
  const sliceOf = (candidate, slices) => Object.entries(candidate)
      .find(([name, value]) => name !== "text" && typeof value === "string" && slices.includes(value))?.[1];
  wrap(SUMMARY, "computeSlicesDropDownCandidates_", (original, slices) => {
    const candidates = original(slices);
    for (const candidate of candidates) {   // a value that holds a colon is cut by the component
      const name = sliceOf(candidate, slices);
      if (name && name.includes(":")) candidate.text = name.slice(name.indexOf(":") + 1);
    }
    return candidates;
  });
  wrap(SUMMARY, "selectDefaultSlicesFromDropDownMenuCandidates_", function(original, candidates, baseline) {
    const chosen = this.selectedSlicesDropDownMenuCandidates_;
    if (!candidates || !baseline || !chosen || chosen.length) return original(candidates, baseline);
    for (const candidate of candidates) {
      const name = sliceOf(candidate, this.slices);
      if (opening.slices.has(name) || name === "Overall" || (name && name === baseline)) {
        this.push("selectedSlicesDropDownMenuCandidates_", candidate);
      }
    }
  });
  wrap(SUMMARY, "initializeSelectedThresholds_", function(original, thresholds) {
    const kept = opening.thresholds[this.metric] || [opening.threshold];
    const wanted = (thresholds.base || []).filter((threshold) => kept.includes(threshold));
    if (!wanted.length) return original(thresholds);
    this.selectedThresholds_ = [];
    for (const threshold of wanted) this.$.thresholdsList.select(threshold);
  });

  // --- the table: what is compared with what, colours where higher or lower is better
  const TABLE = "fairness-metrics-table";
  wrap(TABLE, "populateHeaderRow_", function(original, ...given) {
    const [, compared, first, second, metrics, baseline] = given;
    const header = original(...given);
    if (!compared?.length) {
      return header.map((text) => text.replace(` against ${baseline}`, ` relative to ${baseline}`)
          .replace(/@(?=[\d.]+($| relative))/, " @"));   // a place to break the line
    }
    return header.map((text) => {
      const against = `${first} against ${second}`;   // the component computes second / first - 1
      const both = metrics?.length === 1 && opening.matched[metrics[0]];
      if (text.startsWith(against)) return `${second} relative to ${first}` + text.slice(against.length);
      if (both && text === first) return `${first} @${both[0]}`;
      if (both && text === second) return `${second} @${both[1]}`;
      return text.replace(/@(?=[\d.]+$)/, " @");
    });
  });
  wrap(TABLE, "formatComparisonCell_", function(original, value, base, metric) {
    const cell = original(value, base, metric);
    const number = (v) => Number(tfma.CellRenderer.maybeExtractBoundedValue(v));
    const change = number(value) / number(base) - 1;
    if (!Number.isFinite(change)) return {...cell, text: "\u2013", arrow: ""};
    const rounded = Math.round(1000 * change) / 10;
    return {...cell, text: `${rounded > 0 ? "+" : rounded < 0 ? "\u2212" : ""}${Math.abs(rounded)}%`,
            arrow_icon_css_class: this.arrowIconCssClass_(change, metric.split(" (")[0])};
  });

  // --- the chart: as wide as the page, whole intervals, first result before second, labels that can be read
  const CHART = "fairness-bounded-value-bar-chart";
  const barsOf = (group) => Object.values(group).find(Array.isArray) || [];
  const rowOf = (group, rows) => rows.find((row) => Object.values(barsOf(group)[0] || {}).includes(row.slice));
  wrap(CHART, "createD3Data_", function(original, ...given) {
    const [rows, compared, , , baseline, first, , sort] = given;
    const groups = original(...given);
    if (!compared?.length) return groups;   // one result: the component sorts by value
    const place = new Map(groups.map((group) => {
      const row = rowOf(group, rows), result = group.evalName === first ? 0 : 1;
      const slice = row?.slice === baseline ? -1 : rows.indexOf(row);
      return [group, sort === "Slice" ? [slice, result] : [result, slice]];
    }));
    return groups.sort((a, b) => place.get(a)[0] - place.get(b)[0] || place.get(a)[1] - place.get(b)[1]);
  });
  wrap(CHART, "buildGraphConfig_", function(original, groups) {
    const config = original(groups);
    const ends = groups.flatMap(barsOf).flatMap((bar) => [bar.value, bar.lowerBound, bar.upperBound])
        .map(Number).filter(Number.isFinite);
    config.y.domain([Math.min(0, ...ends), Math.max(0, ...ends) || 1]).nice();
    const beside = matchMedia("(max-width: 900px)").matches ? 80 : 400;   // margins, and the list of metrics
    const room = document.getElementById("fairkit-board").clientWidth;
    // The component cuts a label until it fits, and never ends where there is no room for three dots.
    least = Math.max(300, 22 * groups.length);
    width = Math.max(room ? Math.min(900, room - beside) : 900, least);
    config.slicesX.rangeRound([LEFT, width - 8]);
    config.metricsX.rangeRound([0, config.slicesX.bandwidth()]);
    const names = groups.map((group) => rowOf(group, this.data)).map((row) => row ? labelOf(row) : "");
    const paired = this.evalComparison_() && this.sort === "Slice";
    const draw = config.configureXAxis;
    config.configureXAxis = (axis) => drawLabels(draw(axis).nodes(), names, config.slicesX, paired);
    return config;
  });
  const labelOf = ({slice, sliceValue}) =>
      slice.split(":")[0].includes("_X_") ? sliceValue.replaceAll("_X_", " \u00d7 ") : sliceValue;
  // The colours tell the results apart; a label names the slice, once for a pair of bars.
  function drawLabels(labels, names, scale, paired) {
    labels.forEach((label, i) => { label.textContent = paired && i % 2 ? "" : names[i]; });
    const step = scale.step(), shift = paired ? step / 2 : 0;
    const level = labels.every((label) => label.getComputedTextLength() <= (paired ? 2 : 1) * step - 6);
    labels.forEach((label, i) => {
      if (!label.textContent) return;
      if (!level) {
        label.textContent = names[i].length > LABEL ? names[i].slice(0, LABEL - 1) + "\u2026" : names[i];
        label.style.textAnchor = "end";
      }
      label.setAttribute("transform", `translate(${shift},0)` + (level ? "" : "translate(-4,2) rotate(-35)"));
      const full = document.createElementNS("http://www.w3.org/2000/svg", "title");
      full.textContent = names[i];
      label.append(full);
    });
    const longest = Math.max(0, ...labels.map((label) => label.getComputedTextLength()));
    labels[0]?.ownerSVGElement.setAttribute("viewBox", `-14 0 ${width + 14} ${level ? 372 : 376 + 0.6 * longest}`);
  }
  wrap(CHART, "drawGraph_", function(original, ...given) {
    original(...given);
    const chart = this.$["bar-chart"];
    if (!this.tooltipRepaired) {   // the component shows the data of the tooltip element, which nobody sets
      this.tooltipRepaired = true;
      chart.addEventListener("mouseover", (event) => { this.$.tooltip.__data__ = event.target.__data__; }, true);
    }
    chart.style.minWidth = `${least}px`;
    const floor = [...chart.children].findLast((child) => child.tagName === "line");
    floor?.setAttribute("x1", LEFT);
    floor?.setAttribute("x2", width - 8);
    if (this.evalComparison_()) {
      for (const bar of chart.querySelectorAll("rect")) {   // d3 keeps each bar's data in __data__
        bar.setAttribute("fill-opacity", bar.__data__.evalName === this.evalName ? 0.4 : 1);
      }
      if (this.sort === "Slice") {
        [...chart.querySelectorAll("#bars > g")].forEach((group, i) => {   // the two bars of a slice side by side
          const closer = group.getBBox().width * 0.1;
          group.setAttribute("transform", `${group.getAttribute("transform")} translate(${i % 2 ? -closer : closer},0)`);
        });
        for (const tick of chart.querySelectorAll("#xaxis .tick line")) tick.remove();
      }
    }
  });

  // --- room and type
  const FONT = 'system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif';
  restyle("fairness-metrics-board", ":host { display: block; }");
  restyle("fairness-nb-container", `
    .flex-row { align-items: flex-start; gap: 12px; }
    paper-card { margin: 0; padding: 6px; border: 1px solid #dde1e6; border-radius: 8px; box-shadow: none;
                 --shadow-elevation-2dp_-_box-shadow: none; }
    #metrics { flex: 1; min-width: 560px; overflow: hidden; }
    @media (max-width: 900px) {   /* the charts first, the list of metrics below */
      .flex-row { flex-direction: column-reverse; align-items: stretch; }
      #metrics, #metrics-and-slice-selector { width: 100%; min-width: 0; box-sizing: border-box; }
    }`);
  restyle(SELECTOR, `
    :host { display: block; font-family: ${FONT}; }
    #metric-and-slice-selector-title { padding: 8px 12px 0; font-weight: 600; }
    paper-listbox { width: 300px; }
    paper-item { min-height: 36px; padding: 0 12px; font-family: ${FONT}; font-size: 14px; }
    .metric-name { max-width: 248px; }`);
  restyle(SUMMARY, `
    :host { display: block; font-family: ${FONT}; }
    .header { padding: 12px 0 4px 16px; font-size: 16px; color: #1f2933; }
    .config { margin: 0 16px; }
    #table { display: block; width: auto; margin: 10px 16px 16px; overflow-x: auto; }
    paper-item { font-family: ${FONT}; }
    @media (max-width: 600px) {
      .config { margin: 0 4px; }
      #table { margin: 10px 4px 12px; }
    }`);
  restyle(TABLE, `
    .table-holder { margin: 0; min-width: 480px; box-sizing: border-box; border: 1px solid #dde1e6; border-radius: 6px; overflow: hidden; font-family: ${FONT};
                    font-variant-numeric: tabular-nums; }
    .table-row, .table-head-row, .baseline-row { padding: 1px 6px; border-bottom-color: #e4e7eb; }
    .table-entry, .table-feature-column { padding: 5px 6px; overflow-wrap: anywhere; unicode-bidi: isolate; }
    .table-entry, .table-feature-column { font-size: 13px; }
    .table-feature-column { min-width: 160px; }
    .table-head-row { background: #f5f7fa; }
    @media (max-width: 600px) {
      .table-holder { min-width: 400px; }
      .table-feature-column { min-width: 96px; }
    }`);
  restyle(CHART, `
    :host { display: block; margin: 8px 16px; overflow-x: auto; }
    @media (max-width: 600px) { :host { margin: 8px 0; } }
    #bar-chart { width: 100%; max-width: 990px; height: auto; }
    #bar-chart text { font: 12px ${FONT}; }
    #bar-chart #bars line { stroke-width: 1.6; }
    #tooltip { padding: 6px 8px; max-width: 420px; overflow-wrap: anywhere; opacity: .95; background: #1f2933;
               font-family: ${FONT}; }`);
})();
