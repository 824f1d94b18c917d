"use strict";
// Puts one feature of one class into the component, and does so again when the reader chooses another.
(() => {
  const find = (id) => document.getElementById(`fairkit-${id}`);   // the component puts icons into the page, with ids
  const data = JSON.parse(find("data").textContent);
  const board = find("board");
  const classes = find("class"), features = find("feature");
  const text = (tag, content, className) => {
    const element = document.createElement(tag);
    element.textContent = content;
    if (className) element.className = className;
    return element;
  };
  const option = (label, value) => { const item = text("option", label); item.value = value; return item; };

  function offer() {
    const kept = features.selectedOptions[0]?.textContent;
    const offered = data.views[classes.value].features;
    features.replaceChildren(...offered.map((feature, i) => option(feature.name, i)));
    features.value = Math.max(0, offered.findIndex((feature) => feature.name === kept));
  }

  // What the reader has opened stays open when the data under it changes.
  function remember() {
    const inside = board.firstElementChild?.shadowRoot;
    const selector = inside?.querySelector("fairness-metric-and-slice-selector");
    if (!selector) return [];
    for (const summary of inside.querySelector("fairness-metrics-board").shadowRoot
        .querySelectorAll("fairness-metric-summary")) {
      if (summary.selectedThresholds_?.length) opening.thresholds[summary.metric] = [...summary.selectedThresholds_];
    }
    return selector.selectedMetrics.filter(Boolean).map(shortName);
  }

  // The component changes the rows that it is given, so it gets new ones each time.
  function asComponentTakesIt(keys, [slice, sliceValue, values]) {
    const metrics = keys.map((key, i) => [key, Array.isArray(values[i]) ?
        {boundedValue: {value: values[i][0], lowerBound: values[i][1], upperBound: values[i][2]}} :
        {doubleValue: values[i]}]);
    return {slice, sliceValue, metrics: Object.fromEntries(metrics)};
  }

  function show() {
    const view = data.views[classes.value];
    const feature = view.features[features.value];
    const known = new Set(view.keys.map((key) => shortName(key).split("@")[0]));
    const kept = remember().filter((metric) => known.has(metric));
    opening.metrics = kept.length ? kept : view.lead;
    opening.matched = view.matched;
    const rows = (result) => [view.overall[result], ...(feature ? feature.rows[result] : [])]
        .map((row) => asComponentTakesIt(view.keys, row));
    const container = document.createElement("fairness-nb-container");
    container.evalName = data.names[0];
    if (data.names.length > 1) {
      container.evalNameCompare = data.names[1];
      container.slicingMetricsCompare = rows(1);
    }
    container.slicingMetrics = rows(0);
    board.replaceChildren(container);
    explain(view, feature);
  }

  function explain(view, feature) {
    const hint = find("hint"), matched = find("matched");
    const count = feature ? feature.rows[0].length : 0;
    hint.replaceChildren();
    if (data.names.length > 1) {
      data.names.forEach((name, i) => {
        const legend = text("span", "", "legend");
        legend.append(text("i", "", i ? "" : "first"), text("bdi", name));
        hint.append(legend);
      });
    }
    hint.append(count > 15 ? `${count} slices; the 15 with most examples are open, others under SELECT SLICES.` : "");
    matched.hidden = !view.pairs.length;
    matched.textContent = `Matched thresholds, ${data.names.join(" \u2192 ")} (and overall ${view.metric}s): ` +
        view.pairs.map((pair) => `${pair.thresholds.join(" \u2192 ")} (${pair.overall.join(" \u2192 ")})`).join("; ");
  }

  opening.threshold = data.threshold;
  classes.replaceChildren(...data.views.map((_, i) => option(`${data.classes[i]} against the rest`, i)));
  classes.value = data.opened;
  find("class-choice").hidden = !data.classes.length;
  offer();
  find("feature-choice").hidden = !features.length;
  classes.addEventListener("change", () => { offer(); show(); });
  features.addEventListener("change", show);
  find("choices").hidden = false;
  show();
})();
